/**
 * The steps of a run that must be one step, as Lua for Redis. They take the time from Redis, so that one clock rules whatever
 * the workers' are. `run` is the run's hash.
 */

const now = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
`

/**
 * Keys: run, runs, running. Arguments: id, spec, tilesTotal, jobsTotal, most running.
 * 1, or 0 when too many runs are running.
 */
export const createRun = `${now}
if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[5]) then return 0 end
redis.call('HSET', KEYS[1], 'spec', ARGV[2], 'state', 'running', 'cursor', 0, 'tilesTotal', ARGV[3], 'jobsTotal', ARGV[4],
  'jobsDone', 0, 'image', 0, 'empty', 0, 'present', 0, 'failed', 0, 'createdAt', now,
  'sinceAt', now, 'sinceDone', 0, 'markAt', now, 'markDone', 0)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
return 1
`

/** Keys: run, outstanding. Argument: window. The next job indexes, as many as there is room for; from now on they are outstanding. */
export const takeJobs = `
local fields = redis.call('HMGET', KEYS[1], 'state', 'cursor', 'jobsTotal')
if fields[1] ~= 'running' then return {} end
local cursor = tonumber(fields[2])
local room = tonumber(ARGV[1]) - redis.call('SCARD', KEYS[2])
local count = math.min(room, tonumber(fields[3]) - cursor)
local taken = {}
for i = 1, count do
  taken[i] = string.format('%.0f', cursor + i - 1)
  redis.call('SADD', KEYS[2], taken[i])
end
if count > 0 then redis.call('HINCRBY', KEYS[1], 'cursor', count) end
return taken
`

/** Keys: run, outstanding, starts. Argument: index. How often the job has been started, or 0 when nobody wants it (any more). */
export const beginJob = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' or redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
`

/**
 * Keys: run, outstanding, starts, failures, running. Arguments: id, index, image, empty, present, failed, most failures kept,
 * seconds to keep them after the end, milliseconds between two marks of the rate, then failures as JSON.
 * 1, or 0 when the job was counted before or the run is over.
 */
export const finishJob = `${now}
redis.call('HDEL', KEYS[3], ARGV[2])
if redis.call('SREM', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'jobsDone', 1)
local done = 0
for i, outcome in ipairs({'image', 'empty', 'present', 'failed'}) do
  done = done + redis.call('HINCRBY', KEYS[1], outcome, ARGV[i + 2])
end
local room = tonumber(ARGV[7]) - redis.call('LLEN', KEYS[4])
for i = 10, math.min(#ARGV, 9 + room) do redis.call('RPUSH', KEYS[4], ARGV[i]) end
local fields = redis.call('HMGET', KEYS[1], 'cursor', 'jobsTotal', 'markAt', 'markDone')
if tonumber(now) - tonumber(fields[3]) >= tonumber(ARGV[9]) then
  redis.call('HSET', KEYS[1], 'sinceAt', fields[3], 'sinceDone', fields[4], 'markAt', now, 'markDone', string.format('%.0f', done))
end
if fields[1] == fields[2] and redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[1], 'state', 'done', 'finishedAt', now)
  redis.call('SREM', KEYS[5], ARGV[1])
  redis.call('DEL', KEYS[3])
  redis.call('EXPIRE', KEYS[4], ARGV[8])
end
return 1
`

/** Keys: run, outstanding, starts, failures, running. Arguments: id, seconds to keep failures. 1, or 0 when there is no such run. */
export const cancelRun = `${now}
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 0 end
if state == 'running' then
  redis.call('HSET', KEYS[1], 'state', 'cancelled', 'finishedAt', now)
  redis.call('SREM', KEYS[5], ARGV[1])
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('EXPIRE', KEYS[4], ARGV[2])
end
return 1
`
