using 'main.bicep'

param name = 'tilepress'
param apiImage = 'myregistry.azurecr.io/tilepress-api:0.1.0'
param workerImage = 'myregistry.azurecr.io/tilepress-worker:0.1.0'
param registryName = 'myregistry'
param imageryAccounts = [
  { name: 'sentinelcogs', resourceGroup: 'imagery' }
  { name: 'aerialphotos', resourceGroup: 'imagery' }
]
// az ad signed-in-user show --query '{objectId: id, name: userPrincipalName}'
param databaseAdmin = {
  objectId: '00000000-0000-0000-0000-000000000000'
  name: 'someone@example.org'
  type: 'User'
}
