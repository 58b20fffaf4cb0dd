-- Ends the reservation of users, see reserve.lua. It can be sent again: what was settled is not settled twice. All times are in microseconds.
-- KEYS: as in reserve.lua.
-- ARGV: the window, the request's id, how many users were or may have been suspended, these users, the users that certainly were not.
local window, id, suspended = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local first = 4
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function text(number)
  return string.format('%.0f', number)
end

-- The time before the requests under way, and the ids of the other ones.
local function parse(entry)
  local before, others = nil, {}
  for word in string.gmatch(entry, '%S+') do
    if not before then
      before = tonumber(word)
    elseif word ~= id then
      others[#others + 1] = word
    end
  end

  return before, others
end

for count = 1, #KEYS / 2 do
  local key, under_way = KEYS[2 * count - 1], KEYS[2 * count]
  for at = first, #ARGV do
    local user, is_suspended = ARGV[at], at < first + suspended
    local entry = redis.call('HGET', under_way, user)
    local before, others = parse(entry or '0')
    if is_suspended then
      before = now
    end

    if #others > 0 then
      redis.call('HSET', under_way, user, text(before) .. ' ' .. table.concat(others, ' '))
      redis.call('ZADD', key, 'GT', text(before), user)
    else
      redis.call('HDEL', under_way, user)
      if before > now - window then
        redis.call('ZADD', key, text(before), user)
      elseif entry then
        redis.call('ZREM', key, user)
      end
    end
  end

  local keep = math.ceil(window / 1000) + 1000
  if redis.call('PTTL', key) < keep then
    redis.call('PEXPIRE', key, keep)
  end
end

return #ARGV - first + 1
