/**
 * Events of a session in Lua: one list of messages per stream, one list of runs (what was appended together, oldest
 * first, over all streams), and one hash `log` with, per stream, `p:` the position of its end, `o:` its owner and `x:` once it
 * has ended, and `n` and `b`, the number and bytes of what is kept. A stream's oldest kept event is its end minus the length
 * of its list. Keys: log, runs, session; the lists are found by name and share their slot.
 */
import type { EventBounds } from '@mcp/storage'

/** How long a log without a session record outlives its last event. */
const ORPHAN_MS = 60_000

/** Largest age Redis is told; more makes no difference. */
const MAX_AGE_MS = 10 * 365 * 86_400_000

export const clock = `
local function now ()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** Removes what is known of a session's events. */
export const dropLog = `
local function dropLog (log, runs, lists)
  for _, field in ipairs(redis.call('HKEYS', log)) do
    if field:sub(1, 2) == 'p:' then redis.call('UNLINK', lists .. field:sub(3)) end
  end
  redis.call('UNLINK', log, runs)
end
`

/** The bounds as the last arguments but those a script adds: see {@link boundArguments}. */
const bounds = `
local log, runs, session = KEYS[1], KEYS[2], KEYS[3]
local stream, lists = ARGV[1], ARGV[2]
local maxEvents, maxBytes, maxAge = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local function keep ()
  local ttl = redis.call('PTTL', session)
  if ttl <= 0 then ttl = maxAge + ${ORPHAN_MS} end
  redis.call('PEXPIRE', log, ttl)
  redis.call('PEXPIRE', runs, ttl)
end

-- A stream that has ended goes with its last event.
local function forget (name)
  if redis.call('HEXISTS', log, 'x:' .. name) == 1 and redis.call('LLEN', lists .. name) == 0 then
    redis.call('HDEL', log, 'p:' .. name, 'o:' .. name, 'x:' .. name)
  end
end

-- Lets go of what the bounds no longer allow, oldest first; n events of b bytes are kept.
local function trim (n, b, now)
  while true do
    local run = redis.call('LINDEX', runs, 0)
    if not run then return n, b end
    local at, count, bytes, name = run:match('^(%d+):(%d+):(%d+):(.*)$')
    count, bytes = tonumber(count), tonumber(bytes)
    local aged = at + maxAge <= now
    if not aged and n <= maxEvents and b <= maxBytes then return n, b end
    if aged or count <= 1 or n - count >= maxEvents or b - bytes >= maxBytes then
      if count > 0 then redis.call('LTRIM', lists .. name, count, -1) end
      redis.call('LPOP', runs)
      n, b = n - count, b - bytes
      forget(name)
    else
      local dropped = redis.call('LPOP', lists .. name, math.min(math.max(n - maxEvents, 1), count, 1000)) or {}
      local size = 0
      for _, message in ipairs(dropped) do size = size + #message end
      -- A list that is gone has aged, and so has its run.
      if #dropped == 0 then dropped, size = { n = count }, bytes end
      local gone = dropped.n or #dropped
      redis.call('LSET', runs, 0, at .. ':' .. count - gone .. ':' .. bytes - size .. ':' .. name)
      n, b = n - gone, b - size
    end
  end
end
`

export const openStream = `${bounds}
if redis.call('HSETNX', log, 'p:' .. stream, 0) == 0 then return end
redis.call('HSET', log, 'o:' .. stream, ARGV[6])
redis.call('UNLINK', lists .. stream)
keep()
`

/**
 * After the bounds: whether the stream ends, where it has to end before (or nothing), the bytes of messages that are not sent because they
 * are not kept, and the messages, empty in their place. Answers the position of the last one.
 */
export const appendEvents = `${clock}${bounds}
local FIRST = 9
local list, ended, count, bytes = lists .. stream, ARGV[6] == '1', #ARGV - FIRST + 1, tonumber(ARGV[8])
local head = redis.call('HMGET', log, 'p:' .. stream, 'x:' .. stream, 'n', 'b')
if not head[1] or (head[2] and count > 0) then return 0 end
if ARGV[7] ~= '' and ARGV[7] ~= head[1] then return tonumber(head[1]) end
if count == 0 and (not ended or head[2]) then return tonumber(head[1]) end
local last, time = head[1] + count, now()
if count > 0 then
  for index = FIRST, #ARGV do bytes = bytes + #ARGV[index] end
  for index = FIRST, #ARGV, 1000 do redis.call('RPUSH', list, unpack(ARGV, index, math.min(index + 999, #ARGV))) end
  -- Nothing reads events past their age, so the list may go by itself; a second later, that trimming finds it first.
  redis.call('PEXPIRE', list, maxAge + 1000)
end
if count > 0 or redis.call('LLEN', list) == 0 then
  redis.call('RPUSH', runs, time .. ':' .. count .. ':' .. bytes .. ':' .. stream)
end
redis.call('HSET', log, 'p:' .. stream, last)
if ended then redis.call('HSET', log, 'x:' .. stream, 1) end
local n, b = trim((head[3] or 0) + count, (head[4] or 0) + bytes, time)
redis.call('HSET', log, 'n', n, 'b', b)
keep()
return last
`

/** After the bounds: a position and how many events after it. Answers end, ended, owner and messages, or nothing. */
export const readEvents = `${clock}${bounds}
local kept = redis.call('HMGET', log, 'n', 'b')
if kept[1] then
  local n, b = trim(tonumber(kept[1]), tonumber(kept[2]), now())
  if n ~= tonumber(kept[1]) then redis.call('HSET', log, 'n', n, 'b', b) end
end
local head = redis.call('HMGET', log, 'p:' .. stream, 'x:' .. stream, 'o:' .. stream)
if not head[1] then return false end
local after, limit, last = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(head[1])
local first = last - redis.call('LLEN', lists .. stream)
if after < first or after > last then return false end
local messages = {}
if limit > 0 then messages = redis.call('LRANGE', lists .. stream, after - first, after - first + limit - 1) end
return { last, head[2] and 1 or 0, head[3], messages }
`

export const deleteEvents = `${dropLog}
dropLog(KEYS[1], KEYS[2], ARGV[1])
`

/** What `bounds` reads, in its order. */
export function boundArguments (stream: string, lists: string, { maxEvents, maxBytes, maxAgeMs }: EventBounds): Array<string | number> {
  return [stream, lists, maxEvents, maxBytes, Math.ceil(Math.min(maxAgeMs, MAX_AGE_MS))]
}
