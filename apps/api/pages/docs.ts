import { escapeHtml, ICON, scriptLiteral } from './html.ts'

/** Swagger UI over our OpenAPI document, from the installed package. */
export function docsPage(base: string, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8">${ICON}<title>Tilepress API</title>
<link rel="stylesheet" href="${escapeHtml(base)}/assets/swagger-ui.css"></head>
<body><div id="ui"></div>
<script src="${escapeHtml(base)}/assets/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">
SwaggerUIBundle({ url: ${scriptLiteral(`${base}/api`)}, dom_id: '#ui', deepLinking: true, validatorUrl: null })
</script></body>
</html>
`
}
