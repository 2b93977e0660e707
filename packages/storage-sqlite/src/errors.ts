import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** An option has the wrong shape. The message names the option, what it must be and what was given. */
export const MCP_SQLITE_BAD_OPTION: FastifyErrorConstructor<{ code: 'MCP_SQLITE_BAD_OPTION', statusCode: 500 }, [sentence: string]> =
  createError('MCP_SQLITE_BAD_OPTION', 'sqliteStorage: %s', 500)

/** This runtime has no SQLite module, and none is installed. */
export const MCP_SQLITE_NO_DRIVER: FastifyErrorConstructor<{ code: 'MCP_SQLITE_NO_DRIVER', statusCode: 500 }, [runtime: string]> =
  createError('MCP_SQLITE_NO_DRIVER', 'SQLite is not available in %s; use Node.js 22.13 or later, or install "@photostructure/sqlite"', 500)

/** The folder or a file in it cannot be used, for example because of missing permission. */
export const MCP_SQLITE_NOT_OPENED: FastifyErrorConstructor<{ code: 'MCP_SQLITE_NOT_OPENED', statusCode: 500 }, [path: string, reason: string]> =
  createError('MCP_SQLITE_NOT_OPENED', 'The storage at %s cannot be opened: %s', 500)

/** Another program, or a later version of this storage, wrote the file. The file was left as it is. */
export const MCP_SQLITE_FOREIGN_FILE: FastifyErrorConstructor<{ code: 'MCP_SQLITE_FOREIGN_FILE', statusCode: 500 }, [file: string, reason: string]> =
  createError('MCP_SQLITE_FOREIGN_FILE', '%s is not a file of this storage (%s); set another path, or move the file away', 500)

/** The file is damaged. */
export const MCP_SQLITE_CORRUPTED: FastifyErrorConstructor<{ code: 'MCP_SQLITE_CORRUPTED', statusCode: 500 }, [file: string, reason: string]> =
  createError('MCP_SQLITE_CORRUPTED', '%s is damaged (%s); stop the server and move the file away to start without sessions', 500)

/** The disk is full. The write was not kept; deletes and expiry still work, and writes succeed again when there is room. */
export const MCP_SQLITE_FULL: FastifyErrorConstructor<{ code: 'MCP_SQLITE_FULL', statusCode: 503 }, [file: string]> =
  createError('MCP_SQLITE_FULL', 'The disk of %s is full', 503)

/** A read or write failed, for example because another process held the lock for too long. A failed write was not kept. */
export const MCP_SQLITE_FAILED: FastifyErrorConstructor<{ code: 'MCP_SQLITE_FAILED', statusCode: 503 }, [file: string, reason: string]> =
  createError('MCP_SQLITE_FAILED', 'The storage %s failed: %s', 503)

/** The storage was used after it was closed. */
export const MCP_SQLITE_CLOSED: FastifyErrorConstructor<{ code: 'MCP_SQLITE_CLOSED', statusCode: 503 }, [file: string]> =
  createError('MCP_SQLITE_CLOSED', 'The storage %s is closed', 503)
