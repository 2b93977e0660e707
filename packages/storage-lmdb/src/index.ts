export * from './errors.ts'
export { lmdbStorage } from './lmdb-storage.ts'
export type { LmdbStorageOptions } from './options.ts'
