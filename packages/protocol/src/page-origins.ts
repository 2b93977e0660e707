/** Origins (`https://app.example.com`, `vscode-webview://*`, `*`), or a predicate over the header. */
type Rule = readonly string[] | ((origin: string) => boolean)

/** Which pages may call, for CORS and for endpoints at once; decorated as `fastify.mcpPageOrigins` by the plugin that answers CORS. */
export interface PageOrigins {
  /** What CORS was told to allow. Endpoints without a rule of their own allow these pages, too. */
  readonly cors: Rule | undefined
  /** Rules that endpoints were given. CORS without a rule of its own allows these pages, too. */
  readonly endpoints: Rule[]
}
