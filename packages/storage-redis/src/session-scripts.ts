/**
 * Sessions in Lua. A session is a hash: `record` (what never changes), `principal`, `expires`, and `s:` before the name of
 * each entry of its state. Counts are sorted sets of session ids by expiry: one of all sessions, one per named principal.
 *
 * Redis lets a key go after the millisecond it is told; a session is unknown from its expiry on. So it is told the one before: what
 * a reader was told is gone cannot be touched.
 *
 * A full Redis rejects only the first write of a script, and only where that one takes memory. So a script that stores begins with
 * such a write, and one that must work in a full Redis (expiry, deletion) begins with one that takes none.
 */
import { recordCost } from './budget-scripts.ts'
import { budgeting, clock, dropLog } from './event-scripts.ts'

/** Writes a session whose state stands in the arguments from `first` on. Its events, if any, live as long. */
const put = `
local function put (keys, expires, record, principal, first)
  local function set ()
    return redis.call('HSET', keys[1], 'record', record, 'principal', principal, 'expires', expires, unpack(ARGV, first))
  end
  -- An older session of the same id goes: after the write that a full Redis rejects.
  if set() < 3 + (#ARGV - first + 1) / 2 then
    redis.call('DEL', keys[1])
    set()
  end
  for index = 1, 3 do redis.call('PEXPIREAT', keys[index], expires - 1) end
end
`

/** Moves the expiry of a session and its events; answers its principal, or nothing where there is no session. */
const touch = `
local function touch (keys, expires)
  local principal = redis.call('HGET', keys[1], 'principal')
  if not principal then return false end
  for index = 3, 2, -1 do redis.call('PEXPIREAT', keys[index], expires - 1) end
  redis.call('HSET', keys[1], 'expires', expires)
  redis.call('PEXPIREAT', keys[1], expires - 1)
  return principal
end
`

/** Removes a session and its events; answers like `touch`. */
const take = `${dropLog}
local function take (keys, lists)
  local principal = redis.call('HGET', keys[1], 'principal')
  dropLog(keys[2], keys[3], lists)
  redis.call('UNLINK', keys[1])
  return principal
end
`

const counts = `
local function count (index)
  return redis.call('ZCOUNT', index, '(' .. now(), '+inf')
end

local function full (index, id, cap)
  return count(index) >= tonumber(cap) and not redis.call('ZSCORE', index, id)
end

-- The index goes with its last session.
local function enter (index, id, expires)
  redis.call('ZADD', index, expires, id)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now())
  local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
  if last then redis.call('PEXPIREAT', index, last) end
end

local function move (index, id, expires)
  if not redis.call('ZSCORE', index, id) then return end
  -- Takes no memory, so that a full Redis does not reject what follows.
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now())
  enter(index, id, expires)
end
`

const index = `${clock}${counts}`

/** Keys: session, log, runs. Arguments: expiry, record, principal, bytes, state. Answers what is charged for events that came before. */
export const putSession = `${put}
put(KEYS, ARGV[1], ARGV[2], ARGV[3], 5)
redis.call('HSET', KEYS[1], 'bytes', ARGV[4])
return tonumber(redis.call('HGET', KEYS[2], 'c') or 0)
`

/** Keys: session, log, runs. Arguments: expiry. */
export const touchSession = `${touch}
return touch(KEYS, ARGV[1])
`

/** Keys: session, log, runs. Arguments: prefix of the lists. */
export const takeSession = `${take}
return take(KEYS, ARGV[1])
`

/** Keys: an index. Answers how many sessions live. */
export const countIndex = `${index}
return count(KEYS[1])
`

/** Keys: an index. Arguments: id, expiry, cap. Answers whether there was room. */
export const reserveIndex = `${index}
if full(KEYS[1], ARGV[1], ARGV[3]) then return 0 end
enter(KEYS[1], ARGV[1], ARGV[2])
return 1
`

/** Keys: an index. Arguments: id, expiry. */
export const moveIndex = `${index}
move(KEYS[1], ARGV[1], ARGV[2])
`

/**
 * All at once, where all keys share a server; each begins with the limits. Keys: session, log, runs, sessions, principal. Arguments:
 * expiry, record, principal, id, both caps, state.
 */
export const createWhole = `${budgeting}${counts}${put}${recordCost}
local expires, record, principal, id = ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local tag, bytes, time = KEYS[1]:sub(1, -9), recordCost(14, #ARGV) + #record, now()
if full(KEYS[4], id, ARGV[12]) then return 'total-reached' end
if principal ~= '' and full(KEYS[5], id, ARGV[13]) then return 'principal-reached' end
enter(KEYS[4], id, expires)
if principal ~= '' then enter(KEYS[5], id, expires) end
sweep(time)
local older = redis.call('HGET', KEYS[1], 'principal')
if older then release(older, tag) end
local missing = makeRoom(principal, bytes, time)
if missing then
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZREM', KEYS[5], id)
  return missing
end
put(KEYS, expires, record, principal, 14)
redis.call('HSET', KEYS[1], 'bytes', bytes)
-- What was stored before its session was charged to no owner.
local c = redis.call('HGET', KEYS[2], 'c')
if c then release('', tag) end
add(principal, tag, bytes + (c or 0))
live(principal, tag, expires)
return 'created'
`

/** Keys: session, log, runs, sessions. Arguments: expiry, id, prefix of the principals' indexes. */
export const touchWhole = `${budgeting}${counts}${touch}
local principal = touch(KEYS, ARGV[8])
if not principal then return end
move(KEYS[4], ARGV[9], ARGV[8])
if principal ~= '' then move(ARGV[10] .. principal, ARGV[9], ARGV[8]) end
live(principal, KEYS[1]:sub(1, -9), ARGV[8])
`

/** Keys: session. Arguments: number of entries to set, those, names of entries to remove. Answers the name of a bound that is reached. */
export const patchSession = `${budgeting}
local entry = redis.call('HMGET', KEYS[1], 'principal', 'bytes')
if not entry[1] then return end
local last, delta, tag, time = 8 + 2 * ARGV[8], 0, KEYS[1]:sub(1, -9), now()
for index = 9, #ARGV do
  local isValue = index <= last and index % 2 == 0
  if isValue then delta = delta + #ARGV[index]
  else
    local old = redis.call('HSTRLEN', KEYS[1], ARGV[index])
    if old > 0 then delta = delta - old - #ARGV[index] end
    if index <= last then delta = delta + #ARGV[index] end
  end
end
if delta > 0 and budget.accounts ~= '' then
  local missing = makeRoom(entry[1], delta, time)
  if missing then return missing end
end
if last > 8 then redis.call('HSET', KEYS[1], unpack(ARGV, 9, last)) end
if #ARGV > last then redis.call('HDEL', KEYS[1], unpack(ARGV, last + 1)) end
redis.call('HINCRBY', KEYS[1], 'bytes', delta)
if budget.accounts == '' then return { delta, entry[1], time + math.max(redis.call('PTTL', KEYS[1]), 1) } end
add(entry[1], tag, delta)
`

/** Keys: session, log, runs, sessions. Arguments: prefix of the lists, id, prefix of the principals' indexes. */
export const deleteWhole = `${budgeting}${take}
local principal = take(KEYS, ARGV[8])
if not principal then return 0 end
redis.call('ZREM', KEYS[4], ARGV[9])
if principal ~= '' then redis.call('ZREM', ARGV[10] .. principal, ARGV[9]) end
release(principal, KEYS[1]:sub(1, -9))
return 1
`

/** Keys: node. Arguments: milliseconds. A node that lives can say so in a full Redis, too: `PEXPIRE` is the first write. */
export const beatNode = `
if redis.call('PEXPIRE', KEYS[1], ARGV[1]) == 0 then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
`
