import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** An option has the wrong shape; the message names it, what it must be and what was given. */
export const MCP_LMDB_BAD_OPTION: FastifyErrorConstructor<{ code: 'MCP_LMDB_BAD_OPTION', statusCode: 500 }, [sentence: string]> =
  createError('MCP_LMDB_BAD_OPTION', 'lmdbStorage: %s', 500)

/** The folder or a file in it cannot be used: no permission, not a folder, no room. */
export const MCP_LMDB_NOT_OPENED: FastifyErrorConstructor<{ code: 'MCP_LMDB_NOT_OPENED', statusCode: 500 }, [path: string, reason: string]> =
  createError('MCP_LMDB_NOT_OPENED', 'The storage at %s cannot be opened: %s', 500)

/** The data file was not written by this storage, or by a version of it that lays it out differently. It was left as it is. */
export const MCP_LMDB_FOREIGN_FILE: FastifyErrorConstructor<{ code: 'MCP_LMDB_FOREIGN_FILE', statusCode: 500 }, [file: string, reason: string]> =
  createError('MCP_LMDB_FOREIGN_FILE', '%s is not the data of this storage (%s); give another path, or move the file away', 500)

/** The data file is damaged. */
export const MCP_LMDB_CORRUPTED: FastifyErrorConstructor<{ code: 'MCP_LMDB_CORRUPTED', statusCode: 500 }, [file: string, reason: string]> =
  createError('MCP_LMDB_CORRUPTED', '%s is damaged (%s); stop the server and move the file away to start without sessions', 500)

/** Something could not be read or written, such as on a full disk. Nothing of it was kept; a later attempt may succeed. */
export const MCP_LMDB_FAILED: FastifyErrorConstructor<{ code: 'MCP_LMDB_FAILED', statusCode: 503 }, [file: string, reason: string]> =
  createError('MCP_LMDB_FAILED', 'The storage %s failed: %s', 503)

/** The storage was used after it was closed. */
export const MCP_LMDB_CLOSED: FastifyErrorConstructor<{ code: 'MCP_LMDB_CLOSED', statusCode: 503 }, [file: string]> =
  createError('MCP_LMDB_CLOSED', 'The storage %s is closed', 503)
