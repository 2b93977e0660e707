/** What the test and the page call things. */

export type Kind = 'modern' | 'streamable' | 'http+sse'

export type ScenarioName =
  'calling' | 'finding' | 'streaming' | 'cancelling' | 'hearing' | 'official' |
  'resuming' | 'forgotten' | 'restarted' | 'away' | 'refused' |
  'httpSse' | 'nameless' | 'standalone' | 'following'
