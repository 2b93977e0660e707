export * from './errors.ts'
export { sqliteStorage } from './sqlite-storage.ts'
export type { SqliteStorageOptions } from './options.ts'
