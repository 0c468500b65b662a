param accountName string
param location string
param tileLifeDays int
@description('Writes tiles: the workers.')
param writerPrincipalId string
@description('Reads tiles: the API.')
param readerPrincipalId string

var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: accountName
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource tiles 'containers' = {
      name: 'tiles'
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      // As in tile-lifecycle.json, for accounts that are not made by this template.
      policy: {
        rules: [
          {
            enabled: true
            name: 'old-tiles'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['tiles/v'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: tileLifeDays } } }
            }
          }
        ]
      }
    }
  }
}

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::tiles.id, writerPrincipalId, blobDataContributor)
  scope: account::blobs::tiles
  properties: {
    principalId: writerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::tiles.id, readerPrincipalId, blobDataReader)
  scope: account::blobs::tiles
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataReader)
  }
}

output tileContainerUrl string = '${account.properties.primaryEndpoints.blob}tiles'
