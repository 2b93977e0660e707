/**
 * The budget in bytes, in Lua. What a session takes (its record, its events, rounded up to steps) is charged to its owner:
 *
 * - `held:` and an owner: its sessions by what they take,
 * - `owners`: owners by what their sessions take; `total`: the sum,
 * - `charges`: what is charged, by when its session expires, so that what Redis lets go by itself is charged no longer.
 *
 * A session is named by its tag, the beginning of its keys. `budget.accounts` begins the keys above. In a cluster these live in another
 * slot than the session: there `budget.accounts` is empty, and a script answers what is to be charged.
 */

/** What an event, a stream and a session take beside their text. Estimates, as in memory. */
const EVENT_BYTES = 64
const STREAM_BYTES = 512
const RECORD_BYTES = 512

/** What is let go beyond the need, as a part of the bound, so that not every append looks for something to evict. */
const SLACK = 16

/** Before the scripts below: `budget.accounts`, `budget.total`, `budget.owner`, `budget.step`. */
export const accounts = `
local function sumOf (owner) return tonumber(redis.call('ZSCORE', budget.accounts .. 'owners', owner) or 0) end
local function total () return tonumber(redis.call('GET', budget.accounts .. 'total') or 0) end

local function less (key, member, delta)
  if tonumber(redis.call('ZINCRBY', key, delta, member)) <= 0 then redis.call('ZREM', key, member) end
end

local function add (owner, tag, delta)
  if delta == 0 or budget.accounts == '' then return end
  less(budget.accounts .. 'held:' .. owner, tag, delta)
  less(budget.accounts .. 'owners', owner, delta)
  if redis.call('INCRBY', budget.accounts .. 'total', delta) <= 0 then redis.call('DEL', budget.accounts .. 'total') end
end

local function charged (owner, tag) return #tag .. ':' .. tag .. owner end

local function release (owner, tag)
  if budget.accounts == '' then return end
  -- First, because a full Redis does not reject it, nor what follows.
  redis.call('ZREM', budget.accounts .. 'charges', charged(owner, tag))
  local held = budget.accounts .. 'held:' .. owner
  local bytes = redis.call('ZSCORE', held, tag)
  if bytes then
    add(owner, tag, -bytes)
  elseif redis.call('EXISTS', held) == 0 then
    -- It expired, and so have all sessions of this owner.
    local sum = sumOf(owner)
    redis.call('ZREM', budget.accounts .. 'owners', owner)
    if sum > 0 then redis.call('DECRBY', budget.accounts .. 'total', sum) end
  end
end

-- What is charged lives until then.
local function live (owner, tag, expires)
  local charges = budget.accounts .. 'charges'
  redis.call('ZADD', charges, expires, charged(owner, tag))
  local last = redis.call('ZREVRANGE', charges, 0, 0, 'WITHSCORES')[2]
  for _, key in ipairs({ charges, budget.accounts .. 'owners', budget.accounts .. 'total', budget.accounts .. 'held:' .. owner }) do
    redis.call('PEXPIREAT', key, last)
  end
end

-- Lets go of a part of what has expired.
local function sweep (time)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', budget.accounts .. 'charges', '-inf', time, 'LIMIT', 0, 20)) do
    local length, rest = member:match('^(%d+):(.*)$')
    local tag, owner = rest:sub(1, length), rest:sub(length + 1)
    local ttl = math.max(redis.call('PTTL', tag .. ':session'), redis.call('PTTL', tag .. ':log'))
    if ttl > 0 then live(owner, tag, time + ttl) else release(owner, tag) end
  end
end
`

/** Needs `accounts`, `trim` and the helpers around it. Makes room by dropping streams that have ended, then the oldest events. */
export const eviction = `
local function costOf (n, b, s) return b + n * ${EVENT_BYTES} + s * ${STREAM_BYTES} end
local function inSteps (cost) return math.ceil(cost / budget.step) * budget.step end

local function dropEnded (log, runs, lists, n, b, s, f, need)
  local ended, kept, gone, freed = {}, {}, {}, 0
  for _, field in ipairs(redis.call('HKEYS', log)) do
    if field:sub(1, 2) == 'x:' then ended[field:sub(3)] = true end
  end
  for _, run in ipairs(redis.call('LRANGE', runs, 0, -1)) do
    local count, bytes, name = run:match('^%d+:(%d+):(%d+):(.*)$')
    if gone[name] or (freed < need and ended[name]) then
      if not gone[name] then
        gone[name], freed, s, f = true, freed + ${STREAM_BYTES}, s - 1, f - 1
        redis.call('UNLINK', lists .. name)
        redis.call('HDEL', log, 'p:' .. name, 'o:' .. name, 'x:' .. name)
      end
      n, b, freed = n - count, b - bytes, freed + bytes + count * ${EVENT_BYTES}
    else
      kept[#kept + 1] = run
    end
  end
  if freed > 0 then
    local ttl = redis.call('PTTL', runs)
    redis.call('UNLINK', runs)
    for index = 1, #kept, 1000 do redis.call('RPUSH', runs, unpack(kept, index, math.min(index + 999, #kept))) end
    if ttl > 0 then redis.call('PEXPIRE', runs, ttl) end
  end
  redis.call('HSET', log, 'n', n, 'b', b, 's', math.max(s, 0), 'f', math.max(f, 0))
end

-- Takes from one session; ended: streams that have ended, else the oldest events.
local function takeFrom (owner, tag, need, ended, time)
  local log, runs, lists = tag .. ':log', tag .. ':runs', tag .. ':stream:'
  local head = redis.call('HMGET', log, 'n', 'b', 's', 'f', 'c')
  local c = tonumber(head[5] or 0)
  if not head[5] then
    if budget.accounts == '' then return 0 end
    local record = redis.call('HGET', tag .. ':session', 'bytes')
    if record then add(owner, tag, record - (redis.call('ZSCORE', budget.accounts .. 'held:' .. owner, tag) or 0)) else release(owner, tag) end
    return 0
  end
  local n, b, s, f = tonumber(head[1] or 0), tonumber(head[2] or 0), tonumber(head[3] or 0), tonumber(head[4] or 0)
  if ended then
    if f <= 0 then return 0 end
    dropEnded(log, runs, lists, n, b, s, f, need)
  else
    local cost = costOf(n, b, 0)
    if cost <= 0 then return 0 end
    n, b = trim(log, runs, lists, n, b, time, math.max(0, math.floor(b * (1 - need / cost))))
    redis.call('HSET', log, 'n', n, 'b', b)
  end
  head = redis.call('HMGET', log, 'n', 'b', 's')
  local now = inSteps(costOf(tonumber(head[1]), tonumber(head[2]), tonumber(head[3] or 0)))
  if now >= c then return 0 end
  redis.call('HSET', log, 'c', now)
  add(owner, tag, now - c)
  return c - now
end

local function evict (owner, time, excess)
  for _, ended in ipairs({ true, false }) do
    for _, tag in ipairs(redis.call('ZREVRANGE', budget.accounts .. 'held:' .. owner, 0, 499)) do
      local need = excess()
      if need <= 0 then return end
      takeFrom(owner, tag, need, ended, time)
    end
  end
end

-- Room for so many bytes more of an owner; answers what is not enough after that, or nothing.
local function makeRoom (owner, bytes, time)
  if sumOf(owner) + bytes > budget.owner then
    evict(owner, time, function () return sumOf(owner) + bytes - budget.owner * ${(SLACK - 1) / SLACK} end)
  end
  local target = budget.total * ${(SLACK - 1) / SLACK} - bytes
  if total() + bytes > budget.total then
    for _ = 1, 32 do
      local largest, before = redis.call('ZREVRANGE', budget.accounts .. 'owners', 0, 0)[1], total()
      if not largest or before <= target then break end
      evict(largest, time, function () return total() - target end)
      if total() == before then break end
    end
  end
  if sumOf(owner) + bytes > budget.owner then return 'principal-reached' end
  if total() + bytes > budget.total then return 'total-reached' end
end

-- Charges the events of a session where they take much more or less than what is charged; in a cluster, answers what, to whom, until when.
local function settle (tag, time)
  local log = tag .. ':log'
  local head = redis.call('HMGET', log, 'n', 'b', 's', 'c')
  local cost, c = costOf(tonumber(head[1] or 0), tonumber(head[2] or 0), tonumber(head[3] or 0)), tonumber(head[4] or 0)
  if cost <= c and cost > c - 2 * budget.step then return end
  local owner = redis.call('HGET', tag .. ':session', 'principal') or ''
  redis.call('HSET', log, 'c', inSteps(cost))
  local expires = time + math.max(redis.call('PTTL', tag .. ':session'), redis.call('PTTL', log), 1)
  if budget.accounts == '' then return { inSteps(cost) - c, owner, expires } end
  sweep(time)
  add(owner, tag, inSteps(cost) - c)
  live(owner, tag, expires)
  makeRoom(owner, 0, time)
end
`

/** What a session's record and state take. */
export const recordCost = `
local function recordCost (first, last)
  local bytes = ${RECORD_BYTES}
  for index = first, last do bytes = bytes + #ARGV[index] end
  return bytes
end
`

/**
 * In a cluster, the accounts alone. Arguments after the limits: owner, tag, bytes, expiry, whether to charge only what fits.
 * Answers the bound that is reached (or nothing), the bytes to evict, from which owner, and sessions of that owner.
 */
export const chargeOwner = `
local owner, tag, bytes, time = ARGV[8], ARGV[9], tonumber(ARGV[10]), now()
-- What was stored is charged in a full Redis, too: a first write that takes no memory allows the others.
if ARGV[12] ~= '1' then redis.call('ZREM', budget.accounts .. 'charges', '') end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', budget.accounts .. 'charges', '-inf', time, 'LIMIT', 0, 20)) do
  local length, rest = member:match('^(%d+):(.*)$')
  release(rest:sub(length + 1), rest:sub(1, length))
end
local missing = ''
if ARGV[12] == '1' then
  if sumOf(owner) + bytes > budget.owner then missing = 'principal-reached'
  elseif total() + bytes > budget.total then missing = 'total-reached' end
end
local wanted = bytes
if missing == '' then
  add(owner, tag, bytes)
  if bytes > 0 then live(owner, tag, ARGV[11]) end
  wanted = 0
end
local excess, from = 0, owner
if sumOf(owner) + wanted > budget.owner then
  excess = sumOf(owner) + wanted - budget.owner * ${(SLACK - 1) / SLACK}
elseif total() + wanted > budget.total then
  excess = total() + wanted - budget.total * ${(SLACK - 1) / SLACK}
  from = redis.call('ZREVRANGE', budget.accounts .. 'owners', 0, 0)[1] or owner
end
if excess <= 0 then return { missing, 0, owner } end
return { missing, math.ceil(excess), from, unpack(redis.call('ZREVRANGE', budget.accounts .. 'held:' .. from, 0, 49)) }
`
