// Azure Managed Redis with Entra sign-in alone.
param name string
param location string
param sku string
@allowed(['NoEviction', 'AllKeysLFU', 'AllKeysLRU'])
param evictionPolicy string
@allowed(['EnterpriseCluster', 'NoCluster'])
param clusteringPolicy string
param persistent bool
param principalIds array

resource redis 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  sku: { name: sku }
  properties: {
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }

  resource database 'databases' = {
    name: 'default'
    properties: {
      port: 10000
      clientProtocol: 'Encrypted'
      clusteringPolicy: clusteringPolicy
      evictionPolicy: evictionPolicy
      accessKeysAuthentication: 'Disabled'
      persistence: persistent ? { aofEnabled: true, aofFrequency: '1s' } : { aofEnabled: false, rdbEnabled: false }
    }
  }
}

// One after another: the database takes one change at a time.
@batchSize(1)
resource access 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = [
  for principalId in principalIds: {
    parent: redis::database
    name: 'a${uniqueString(principalId)}'
    properties: {
      accessPolicyName: 'default'
      user: { objectId: principalId }
    }
  }
]

output host string = redis.properties.hostName
