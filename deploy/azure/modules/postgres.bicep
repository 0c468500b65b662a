// PostgreSQL Flexible Server for pgSTAC, with Entra sign-in alone.
param name string
param location string
param sku object
param admin object

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  sku: sku
  properties: {
    version: '16'
    storage: { storageSizeGB: 64, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: tenant().tenantId }
  }

  resource database 'databases' = {
    name: 'pgstac'
  }

  // Container Apps without a network of their own come from Azure's addresses.
  resource azure 'firewallRules' = {
    name: 'azure-services'
    properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  }

  resource extensions 'configurations' = {
    name: 'azure.extensions'
    properties: { value: 'POSTGIS,BTREE_GIST,UNACCENT', source: 'user-override' }
    dependsOn: [database, azure]
  }

  resource administrator 'administrators' = {
    name: admin.objectId
    properties: { principalName: admin.name, principalType: admin.type, tenantId: tenant().tenantId }
    // The server takes one change at a time.
    dependsOn: [extensions]
  }
}

output host string = server.properties.fullyQualifiedDomainName
output databaseName string = server::database.name
