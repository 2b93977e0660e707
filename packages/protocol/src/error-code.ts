/** JSON-RPC error codes of the wire. A module, so that bundlers keep only what is used. */

export const ParseError = -32700
export const InvalidRequest = -32600
export const MethodNotFound = -32601
export const InvalidParams = -32602
export const InternalError = -32603
/** 2026-07-28: a mirrored header is missing or disagrees with the body. */
export const HeaderMismatch = -32020
/** 2026-07-28: `data.requiredCapabilities` names what the client did not declare. */
export const MissingRequiredClientCapability = -32021
/** 2026-07-28: `data.supported` and `data.requested`. */
export const UnsupportedProtocolVersion = -32022
