-- Adds users that a replica has counted and Redis may have lost. All times are in microseconds.
-- KEYS: the sorted set of a count, see reserve.lua.
-- ARGV: the window, then for each user how long ago it was suspended, and the user.
local window = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for at = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now - tonumber(ARGV[at])), ARGV[at + 1])
end

local keep = math.ceil(window / 1000) + 1000
if redis.call('PTTL', KEYS[1]) < keep then
  redis.call('PEXPIRE', KEYS[1], keep)
end

return (#ARGV - 1) / 2
