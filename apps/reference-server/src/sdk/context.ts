/** What changed, in the words of the wire. */
export type ChangeNotification =
  | { method: 'notifications/tools/list_changed' | 'notifications/prompts/list_changed' | 'notifications/resources/list_changed' }
  | { method: 'notifications/resources/updated', params: { uri: string } }

/** What the server needs from where it runs. */
export interface ServerSurroundings {
  /** Tells every client that asked to be told; resolves when the change is on its way. */
  publish (change: ChangeNotification): void | Promise<void>
}
