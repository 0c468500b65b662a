import { httpStatus } from './error-response.ts'
import type { ParameterDoc, Route } from './route.ts'

/** The OpenAPI 3.1 document of the route table. */
export function openApiDocument(routes: readonly Route[], base: string, version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route, path) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tilepress',
      version,
      description: 'Map tiles of pgSTAC mosaics, rendered by a queue of workers and kept.',
    },
    servers: [{ url: base }],
    paths,
    components: {
      schemas: {
        Error: {
          type: 'object',
          required: ['detail', 'code'],
          properties: { detail: { type: 'string' }, code: { type: 'string', enum: Object.keys(httpStatus) } },
        },
      },
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    },
  }
}

function operation(route: Route, path: string): Record<string, unknown> {
  const documented = new Set(route.parameters?.filter((p) => p.in === 'path').map((p) => p.name))
  const rest: ParameterDoc[] = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !documented.has(name))
    .map((name) => ({ name, in: 'path', description: '', schema: { type: 'string' } }))
  const produces = route.produces ?? ['application/json']
  return {
    operationId: `${route.method}${path.replace(/[\W_]+([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase()).replace(/\W/g, '')}`,
    summary: route.summary,
    tags: [route.tag],
    parameters: [...rest, ...(route.parameters ?? [])].map((parameter) => ({
      ...parameter,
      required: parameter.in === 'path' || (parameter.required ?? false),
    })),
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    ...(route.write ? { security: [{ key: [] }, {}] } : {}),
    responses: {
      '2XX': { description: 'Success', content: Object.fromEntries(produces.map((type) => [type, {}])) },
      default: {
        description: 'An error with its code',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}
