import type { ErrorCode } from '../errors.ts'

/**
 * What Blob storage's own error codes (header `x-ms-error-code`, REST API reference, "Blob service error codes") say is wrong. They tell
 * apart what one status does not: a 403 is a missing role, a firewall or a bad token, each with another cure.
 */
const byAzureCode: Readonly<Record<string, ErrorCode>> = {
  BlobNotFound: 'ASSET_NOT_FOUND',
  ContainerNotFound: 'ASSET_NOT_FOUND',
  ResourceNotFound: 'ASSET_NOT_FOUND',
  ContainerBeingDeleted: 'ASSET_NOT_FOUND',
  BlobArchived: 'ASSET_UNREADABLE',
  AuthorizationPermissionMismatch: 'STORAGE_ROLE_MISSING',
  InsufficientAccountPermissions: 'STORAGE_ROLE_MISSING',
  AuthorizationFailure: 'STORAGE_FIREWALL',
  AuthorizationSourceIPMismatch: 'STORAGE_FIREWALL',
  InvalidAuthenticationInfo: 'STORAGE_TOKEN_REJECTED',
  AuthenticationFailed: 'STORAGE_TOKEN_REJECTED',
  NoAuthenticationInformation: 'STORAGE_TOKEN_REJECTED',
  PublicAccessNotPermitted: 'ASSET_FORBIDDEN',
  KeyBasedAuthenticationNotPermitted: 'ASSET_FORBIDDEN',
  AccountIsDisabled: 'ASSET_FORBIDDEN',
  ServerBusy: 'STORAGE_UNAVAILABLE',
  InternalError: 'STORAGE_UNAVAILABLE',
  OperationTimedOut: 'STORAGE_UNAVAILABLE',
}

/** Our code for a storage's answer: by Azure's error code when it gives one, else by status; null when nothing is wrong with it. */
export function codeOfAnswer(status: number, azureCode: string | null): ErrorCode | null {
  if (status >= 200 && status < 300) return null
  const known = azureCode === null || !Object.hasOwn(byAzureCode, azureCode) ? undefined : byAzureCode[azureCode]
  if (known !== undefined) return known
  if (status === 404 || status === 410) return 'ASSET_NOT_FOUND'
  if (status === 401) return 'STORAGE_TOKEN_REJECTED'
  if (status === 403 || status === 409) return 'ASSET_FORBIDDEN'
  if (status === 408 || status === 429 || status >= 500) return 'STORAGE_UNAVAILABLE'
  return 'ASSET_UNREADABLE'
}
