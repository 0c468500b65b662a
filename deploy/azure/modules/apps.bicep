param name string
param location string
param workspaceName string
param apiImage string
param workerImage string
@description('Empty when the images can be pulled by anyone.')
param registryServer string
param apiIdentity object
param workerIdentity object
param queueRedisHost string
param cacheRedisHost string
param databaseHost string
param databaseName string
param tileContainerUrl string
param storageAccounts array
@secure()
param apiKey string
param apiReplicas object
param workerReplicas object
param workerSettings array

var workerPort = 8001

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

// What both programs are told; the user name of PostgreSQL is the identity's.
func commonEnvironment(identity object, hosts object, accounts array) array => [
  { name: 'AZURE_CLIENT_ID', value: identity.clientId }
  { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
  { name: 'USE_AZURE_AUTH', value: 'true' }
  { name: 'AZURE_STORAGE_ACCOUNTS', value: join(accounts, ',') }
  { name: 'AZURE_STORAGE_ACCOUNT', value: empty(accounts) ? '' : accounts[0] }
  { name: 'TILE_CONTAINER_URL', value: hosts.tileContainerUrl }
  { name: 'REDIS_USE_AZURE_AUTH', value: 'true' }
  { name: 'QUEUE_REDIS_URL', value: 'rediss://${identity.principalId}@${hosts.queueRedis}:10000' }
  { name: 'CACHE_REDIS_URL', value: 'rediss://${identity.principalId}@${hosts.cacheRedis}:10000' }
  { name: 'DATABASE_USE_AZURE_AUTH', value: 'true' }
  {
    name: 'DATABASE_URL'
    value: 'postgresql://${identity.name}@${hosts.database}:5432/${hosts.databaseName}?sslmode=verify-full'
  }
]

var hosts = {
  queueRedis: queueRedisHost
  cacheRedis: cacheRedisHost
  database: databaseHost
  databaseName: databaseName
  tileContainerUrl: tileContainerUrl
}

resource api 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-api'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${apiIdentity.id}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 8000, transport: 'auto', allowInsecure: false }
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: apiIdentity.id }]
      secrets: [{ name: 'api-keys', value: apiKey }]
    }
    template: {
      // Requests under way have 15 s.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'api'
          image: apiImage
          resources: { cpu: json('1'), memory: '2Gi' }
          env: concat(commonEnvironment(apiIdentity, hosts, storageAccounts), [
            { name: 'HOST', value: '0.0.0.0' }
            { name: 'PORT', value: '8000' }
            { name: 'TRUST_PROXY', value: 'true' }
            { name: 'API_KEYS', secretRef: 'api-keys' }
          ])
          probes: [
            { type: 'Startup', httpGet: { path: '/livez', port: 8000 }, periodSeconds: 2, failureThreshold: 10 }
            { type: 'Liveness', httpGet: { path: '/livez', port: 8000 }, periodSeconds: 10, failureThreshold: 3 }
            { type: 'Readiness', httpGet: { path: '/livez', port: 8000 }, periodSeconds: 5, failureThreshold: 3 }
          ]
        }
      ]
      scale: {
        minReplicas: apiReplicas.min
        maxReplicas: apiReplicas.max
        // A hit costs 50 µs, a miss waits: what counts is requests at a time.
        rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '200' } } }]
      }
    }
  }
}

resource worker 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-worker'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${workerIdentity.id}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      // An old revision would keep its own scale rule.
      activeRevisionsMode: 'Single'
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: workerIdentity.id }]
    }
    template: {
      // Jobs under way have 20 s, then they go back to the queue.
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'worker'
          image: workerImage
          resources: { cpu: json('1'), memory: '2Gi' }
          env: concat(
            commonEnvironment(workerIdentity, hosts, storageAccounts),
            [{ name: 'WORKER_PORT', value: string(workerPort) }],
            workerSettings
          )
          probes: [
            { type: 'Startup', httpGet: { path: '/livez', port: workerPort }, periodSeconds: 2, failureThreshold: 10 }
            { type: 'Liveness', httpGet: { path: '/livez', port: workerPort }, periodSeconds: 10, failureThreshold: 3 }
          ]
        }
      ]
      scale: {
        minReplicas: workerReplicas.min
        maxReplicas: workerReplicas.max
        pollingInterval: 15
        cooldownPeriod: 300
        rules: [
          {
            name: 'render'
            custom: {
              // The API answers in replicas, running renders included; KEDA's redis trigger would see waiting jobs alone, and take
              // workers away in the middle of their renders.
              type: 'metrics-api'
              metadata: {
                url: 'https://${api.properties.configuration.ingress.fqdn}/scaling/workers'
                format: 'json'
                valueLocation: 'replicas'
                targetValue: '1'
                activationTargetValue: '0'
              }
            }
          }
        ]
      }
    }
  }
}

output apiUrl string = 'https://${api.properties.configuration.ingress.fqdn}'
