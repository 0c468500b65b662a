// Tilepress on Azure Container Apps: API and workers that scale apart, two Redis, PostgreSQL for pgSTAC, a tile container, logs.
// Nobody has a password or a key: every part is reached with a managed identity. docs/deployment.md walks through it.
targetScope = 'resourceGroup'

@description('Begins the name of every resource.')
@minLength(3)
@maxLength(12)
param name string = 'tilepress'
param location string = resourceGroup().location

@description('Image of the API: Dockerfile.api.')
param apiImage string
@description('Image of the workers: Dockerfile.worker.')
param workerImage string
@description('Name of an Azure Container Registry in this resource group that holds the images; empty when they can be pulled by anyone.')
param registryName string = ''

@description('Storage accounts with imagery that the workers may read. They may lie in other resource groups of the subscription.')
param imageryAccounts array = [] // { name: string, resourceGroup: string }

@description('Who may administer PostgreSQL: the person or group that runs the database step of the walk-through.')
param databaseAdmin object // { objectId: string, name: string, type: 'User' | 'Group' | 'ServicePrincipal' }
param databaseSku object = { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }

@description('Redis of the queue: small, and never evicts.')
param queueRedisSku string = 'Balanced_B1'
@description('Redis of the tiles: as large as the tiles that are to be at hand, 14 to 50 kB each.')
param cacheRedisSku string = 'Balanced_B5'

@minValue(1)
param apiMinReplicas int = 2
param apiMaxReplicas int = 10
@minValue(1)
param workerMinReplicas int = 1
param workerMaxReplicas int = 50

@description('Key of those who may register searches and start pre-render runs.')
@secure()
param apiKey string = newGuid()

@description('Further settings of the workers, such as AZURE_SAS_CONTAINERS or PLANETARY_COMPUTER_ACCOUNTS.')
param workerSettings array = [] // { name: string, value: string }

@description('Days after which a tile in the container is deleted.')
param tileLifeDays int = 90

var suffix = uniqueString(resourceGroup().id, name)

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: { name: name, location: location }
}

module logs 'modules/logs.bicep' = {
  name: 'logs'
  params: { name: name, location: location }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    accountName: take('${replace(name, '-', '')}${suffix}', 24)
    location: location
    tileLifeDays: tileLifeDays
    writerPrincipalId: identities.outputs.worker.principalId
    readerPrincipalId: identities.outputs.api.principalId
  }
}

module imagery 'modules/imagery-reader.bicep' = [
  for account in imageryAccounts: {
    name: 'imagery-${account.name}'
    scope: resourceGroup(account.resourceGroup)
    params: { accountName: account.name, principalId: identities.outputs.worker.principalId }
  }
]

module registry 'modules/registry-puller.bicep' = if (!empty(registryName)) {
  name: 'registry'
  params: {
    registryName: registryName
    principalIds: [identities.outputs.api.principalId, identities.outputs.worker.principalId]
  }
}

module queueRedis 'modules/redis.bicep' = {
  name: 'queue-redis'
  params: {
    name: '${name}-queue-${suffix}'
    location: location
    sku: queueRedisSku
    // A queue that evicts loses jobs: the programs refuse to start on any other policy.
    evictionPolicy: 'NoEviction'
    // BullMQ's scripts touch several keys at once, which a client-visible cluster would refuse.
    clusteringPolicy: 'EnterpriseCluster'
    persistent: true
    principalIds: [identities.outputs.api.principalId, identities.outputs.worker.principalId]
  }
}

module cacheRedis 'modules/redis.bicep' = {
  name: 'cache-redis'
  params: {
    name: '${name}-cache-${suffix}'
    location: location
    sku: cacheRedisSku
    evictionPolicy: 'AllKeysLFU'
    clusteringPolicy: 'EnterpriseCluster'
    persistent: false
    principalIds: [identities.outputs.api.principalId, identities.outputs.worker.principalId]
  }
}

module postgres 'modules/postgres.bicep' = {
  name: 'postgres'
  params: { name: '${name}-${suffix}', location: location, sku: databaseSku, admin: databaseAdmin }
}

module apps 'modules/apps.bicep' = {
  name: 'apps'
  params: {
    name: name
    location: location
    workspaceName: logs.outputs.workspaceName
    apiImage: apiImage
    workerImage: workerImage
    registryServer: empty(registryName) ? '' : registry!.outputs.loginServer
    apiIdentity: identities.outputs.api
    workerIdentity: identities.outputs.worker
    queueRedisHost: queueRedis.outputs.host
    cacheRedisHost: cacheRedis.outputs.host
    databaseHost: postgres.outputs.host
    databaseName: postgres.outputs.databaseName
    tileContainerUrl: storage.outputs.tileContainerUrl
    storageAccounts: map(imageryAccounts, account => account.name)
    apiKey: apiKey
    apiReplicas: { min: apiMinReplicas, max: apiMaxReplicas }
    workerSettings: workerSettings
    workerReplicas: { min: workerMinReplicas, max: workerMaxReplicas }
  }
}

output apiUrl string = apps.outputs.apiUrl
output databaseHost string = postgres.outputs.host
output databaseName string = postgres.outputs.databaseName
@description('Names of the PostgreSQL roles that the database step makes.')
output databaseRoles array = [identities.outputs.api.name, identities.outputs.worker.name]
output tileContainerUrl string = storage.outputs.tileContainerUrl
