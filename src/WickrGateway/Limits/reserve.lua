-- Counts the users of a request in one or two counts, when all of them keep their limits. All times are in microseconds.
-- KEYS: for each count a sorted set of its users, by the time when they were or may be suspended, and a hash of those with requests under way:
--       the time before these requests (0 for none) and the ids of the requests. Without the hash a request that failed could not be taken
--       back exactly when another one has the same user.
-- ARGV: the window, how long the request may be under way, its id (empty to count nothing), the number of counts, their limits, the users.
-- Returns: 1 when the users were counted, then for each count the users in it before, those of the request that are new, and in how long
--          enough others are forgotten (-1 when not known, or not needed).
local BATCH = 1000        -- unpack puts them on the stack
local MAX_SEARCH = 10000  -- of users that must be forgotten first
local window, duration, id, counts = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local first = 5 + counts
local users = #ARGV - first + 1
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function text(number)
  return string.format('%.0f', number)
end

local function each_batch(action)
  for from = first, #ARGV, BATCH do
    action(from, math.min(from + BATCH - 1, #ARGV))
  end
end

-- With what a process left that ended in the middle of a request: a hash that is in use does not expire.
local function forget(key, under_way)
  local until_time = text(now - window)
  if redis.call('EXISTS', under_way) == 0 then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', until_time)
    return
  end

  repeat
    local forgotten = redis.call('ZRANGEBYSCORE', key, '-inf', until_time, 'LIMIT', 0, BATCH)
    if #forgotten > 0 then
      redis.call('ZREM', key, unpack(forgotten))
      redis.call('HDEL', under_way, unpack(forgotten))
    end
  until #forgotten < BATCH
end

local function free_after(key, limit, used, known, scores)
  local excess = used - known + users - limit
  if users > limit or excess > MAX_SEARCH then
    return -1
  end

  local oldest = redis.call('ZRANGE', key, 0, excess + known - 1, 'WITHSCORES')
  for at = 1, #oldest, 2 do
    if not scores[oldest[at]] then
      excess = excess - 1
      if excess == 0 then
        local suspended = tonumber(oldest[at + 1])
        -- A user with a request under way has a time to come.
        return suspended > now and -1 or suspended + window - now
      end
    end
  end

  return -1
end

local within, result, all_scores = true, {0}, {}
for count = 1, counts do
  local key, limit = KEYS[2 * count - 1], tonumber(ARGV[4 + count])
  forget(key, KEYS[2 * count])
  local used, known, scores = redis.call('ZCARD', key), 0, {}
  each_batch(function(from, to)
    for at, score in ipairs(redis.call('ZMSCORE', key, unpack(ARGV, from, to))) do
      if score then
        known = known + 1
        scores[ARGV[from + at - 1]] = tonumber(score)
      end
    end
  end)
  all_scores[count] = scores
  local exceeded = users > known and used + users - known > limit
  within = within and not exceeded
  result[#result + 1] = used
  result[#result + 1] = users - known
  result[#result + 1] = exceeded and free_after(key, limit, used, known, scores) or -1
end

if not within or id == '' or users == 0 then
  return result
end

-- Most users are not counted yet: theirs are the same, because 5,000 of them must not keep Redis busy for long.
local new_time, new_entry = text(now + duration), '0 ' .. id
for count = 1, counts do
  local key, under_way, scores = KEYS[2 * count - 1], KEYS[2 * count], all_scores[count]
  each_batch(function(from, to)
    local times, entries, size = {}, {}, 0
    for at = from, to do
      local user = ARGV[at]
      local score, time, entry = scores[user], new_time, new_entry
      if score then
        time = text(math.max(now + duration, score))
        entry = (redis.call('HGET', under_way, user) or text(score)) .. ' ' .. id
      end

      times[size + 1], times[size + 2] = time, user
      entries[size + 1], entries[size + 2] = user, entry
      size = size + 2
    end

    redis.call('ZADD', key, unpack(times))
    redis.call('HSET', under_way, unpack(entries))
  end)
  local keep = math.ceil((window + duration) / 1000) + 1000
  for _, name in ipairs({key, under_way}) do
    if redis.call('PTTL', name) < keep then
      redis.call('PEXPIRE', name, keep)
    end
  end
end

result[1] = 1
return result
