-- Takes a permit of a rate, by the generic cell rate algorithm. All times are in microseconds.
-- KEYS: the time at which the whole burst is available again.
-- ARGV: the interval between two permits, the interval times the burst, and times the burst without the permits that are left for other uses.
-- Returns: 1 when there was a permit, and how far the client is ahead of its rate after it.
local interval, capacity, usable = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
-- Never more than the capacity: a failover to a server whose clock is behind must not stop a client for long.
local ahead = math.min(math.max(0, full_at - now), capacity)
if ahead + interval > usable then
  return {0, ahead}
end

ahead = ahead + interval
redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
return {1, ahead}
