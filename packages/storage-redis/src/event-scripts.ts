/**
 * Events of a session in Lua: one list of messages per stream, one list of runs (what was appended together, oldest
 * first, over all streams), and one hash `log` with, per stream, `p:` the position of its end, `o:` its owner and `x:` once it
 * has ended; and `n` and `b`, the number and bytes of what is kept, `s` and `f`, the number of streams and of those that have
 * ended, and `c`, what is charged. A stream's oldest kept event is its end minus the length
 * of its list. Keys: log, runs, session; the lists are found by name and share their slot.
 */
import type { EventBounds, StorageBudget } from '@mcp/storage'
import { accounts, chargeOwner, eviction } from './budget-scripts.ts'

/** How long a log without a session record outlives its last event. */
const ORPHAN_MS = 60_000

/** Most sessions cost a few of these; charging in larger steps costs less often. */
const MAX_STEP = 4096

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

/** What the first arguments say: see {@link limitArguments}. */
const limits = `
local budget = { accounts = ARGV[1], total = tonumber(ARGV[2]), owner = tonumber(ARGV[3]), step = tonumber(ARGV[4]) }
local maxEvents, maxBytes, maxAge = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
`

const trimming = `
-- A stream that has ended goes with its last event.
local function forget (log, lists, name)
  if redis.call('HEXISTS', log, 'x:' .. name) == 1 and redis.call('LLEN', lists .. name) == 0 then
    redis.call('HDEL', log, 'p:' .. name, 'o:' .. name, 'x:' .. name)
    redis.call('HINCRBY', log, 's', -1)
    redis.call('HINCRBY', log, 'f', -1)
  end
end

-- Lets go of what the bounds no longer allow, oldest first; n events of b bytes are kept.
local function trim (log, runs, lists, n, b, now, maxBytes)
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
      forget(log, lists, name)
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

/** The budget of scripts that charge and evict. */
export const budgeting = `${clock}${limits}${accounts}${trimming}${eviction}`

const ofStream = `
local log, runs, session = KEYS[1], KEYS[2], KEYS[3]
local stream, lists = ARGV[8], ARGV[9]
local tag = session:sub(1, -9)

local function keep ()
  local ttl = redis.call('PTTL', session)
  if ttl <= 0 then ttl = maxAge + ${ORPHAN_MS} end
  redis.call('PEXPIRE', log, ttl)
  redis.call('PEXPIRE', runs, ttl)
end
`

export const openStream = `${budgeting}${ofStream}
if redis.call('HSETNX', log, 'p:' .. stream, 0) == 0 then return end
redis.call('HSET', log, 'o:' .. stream, ARGV[10])
redis.call('HINCRBY', log, 's', 1)
redis.call('UNLINK', lists .. stream)
keep()
return settle(tag, now())
`

/**
 * After the bounds: whether the stream ends, where it has to end before (or nothing), the bytes of messages that are not sent because they
 * are not kept, and the messages, empty in their place. Answers the position of the last one, and what `settle` does.
 */
export const appendEvents = `${budgeting}${ofStream}
local FIRST = 13
local list, ended, count, bytes = lists .. stream, ARGV[10] == '1', #ARGV - FIRST + 1, tonumber(ARGV[12])
local head = redis.call('HMGET', log, 'p:' .. stream, 'x:' .. stream, 'n', 'b')
if not head[1] or (head[2] and count > 0) then return 0 end
if ARGV[11] ~= '' and ARGV[11] ~= head[1] then return tonumber(head[1]) end
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
if ended then
  redis.call('HSET', log, 'x:' .. stream, 1)
  redis.call('HINCRBY', log, 'f', 1)
end
local n, b = trim(log, runs, lists, (head[3] or 0) + count, (head[4] or 0) + bytes, time, maxBytes)
redis.call('HSET', log, 'n', n, 'b', b)
keep()
local charge = settle(tag, time)
if charge then return { last, unpack(charge) } end
return last
`

/** After limits, stream and lists: a position and how many events after it. Answers end, ended, owner and messages, or nothing. */
export const readEvents = `${clock}${limits}${trimming}${ofStream}
local kept = redis.call('HMGET', log, 'n', 'b')
if kept[1] then
  local n, b = trim(log, runs, lists, tonumber(kept[1]), tonumber(kept[2]), now(), maxBytes)
  if n ~= tonumber(kept[1]) then redis.call('HSET', log, 'n', n, 'b', b) end
end
local head = redis.call('HMGET', log, 'p:' .. stream, 'x:' .. stream, 'o:' .. stream)
if not head[1] then return false end
local after, limit, last = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(head[1])
local first = last - redis.call('LLEN', lists .. stream)
if after < first or after > last then return false end
local messages = {}
if limit > 0 then messages = redis.call('LRANGE', lists .. stream, after - first, after - first + limit - 1) end
return { last, head[2] and 1 or 0, head[3], messages }
`

/** Keys: log, runs, session. The bounds; no stream. */
export const deleteEvents = `${budgeting}${ofStream}${dropLog}
local c = redis.call('HGET', log, 'c')
dropLog(log, runs, lists)
if not c then return end
local owner = redis.call('HGET', session, 'principal')
if budget.accounts == '' then return { -c, owner or '', now() } end
if owner then add(owner, tag, -c) else release('', tag) end
`

/** Charges an owner: see the budget. */
export const chargeAccounts = `${clock}${limits}${accounts}${chargeOwner}`

/** Moves the expiry of what is charged. Arguments after the limits: owner, tag, expiry. */
export const keepCharge = `${clock}${limits}${accounts}
redis.call('ZREM', budget.accounts .. 'charges', '')
if redis.call('ZSCORE', budget.accounts .. 'held:' .. ARGV[8], ARGV[9]) then live(ARGV[8], ARGV[9], ARGV[10]) end
`

/** Charges a session no longer. Arguments after the limits: owner, tag. */
export const releaseCharge = `${clock}${limits}${accounts}
release(ARGV[8], ARGV[9])
`

/** Keys: log. Arguments after the limits: tag, bytes, whether to evict ended streams. Answers the bytes that are charged no longer. */
export const evictSession = `${budgeting}
return takeFrom('', ARGV[8], tonumber(ARGV[9]), ARGV[10] == '1', now())
`

/** What `limits` reads, in its order. */
export function limitArguments (prefix: string, budget: StorageBudget, bounds: EventBounds): Array<string | number> {
  const { maxEvents, maxBytes, maxAgeMs } = bounds
  const step = Math.max(1, Math.min(MAX_STEP, Math.floor(budget.bytesPerOwner / 64)))
  return [prefix, budget.bytes, budget.bytesPerOwner, step, maxEvents, maxBytes, Math.ceil(Math.min(maxAgeMs, MAX_AGE_MS))]
}
