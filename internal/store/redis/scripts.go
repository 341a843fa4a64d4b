package redis

// Fields of a message. Of one that is done, only the mark is left.
const (
	fieldMessage  = "message"
	fieldProgress = "progress"
	fieldEndpoint = "endpoint"
	fieldDone     = "done"
)

func (s *Store) outboxKey(rest string) string { return s.options.KeyPrefix + "{outbox}:" + rest }

func (s *Store) messageKey(id string) string    { return s.outboxKey("m:" + id) }
func (s *Store) dueKey(endpoint string) string  { return s.outboxKey("due:" + endpoint) }
func (s *Store) lentKey(endpoint string) string { return s.outboxKey("lent:" + endpoint) }
func (s *Store) deadKey(endpoint string) string { return s.outboxKey("dead:" + endpoint) }
func (s *Store) endpointsKey() string           { return s.outboxKey("endpoints") }
func (s *Store) suspendedKey() string           { return s.outboxKey("suspended") }

// keysOf are the message, and where its id may be.
func (s *Store) keysOf(id, endpoint string) []string {
	return []string{s.messageKey(id), s.dueKey(endpoint), s.lentKey(endpoint), s.deadKey(endpoint)}
}

// When something is due is said by the gateways' clocks, which tests move; how long a
// lease lasts by the server's, so that gateways whose clocks differ never send one
// message at a time.

// post takes in a message, unless it is there or was done. One that has expired is
// gone at once, and not listed.
//
// KEYS: message, due, endpoints. ARGV: id, endpoint, record, expiry and time in Unix ms.
const post = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'message', ARGV[3], 'endpoint', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
  redis.call('SADD', KEYS[3], ARGV[2])
end
return 1`

// take lends messages that are due, after making those due whose lease has passed. It
// returns when the new lease ends, in Unix ms, and the ids.
//
// KEYS: due, lent. ARGV: now in Unix ms, how many at most, lease in ms.
const take = `
local time = redis.call('TIME')
local here = time[1] * 1000 + math.floor(time[2] / 1000)
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', here, 'BYSCORE')) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[1], ARGV[1], id)
end
local last = string.format('%.0f', here + ARGV[3])
local reply = {last}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZADD', KEYS[2], last, id)
  table.insert(reply, id)
end
return reply`

// done leaves only the mark of a message.
//
// KEYS: message, due, lent, dead. ARGV: id, how long the mark lasts in ms.
const done = `
for i = 2, 4 do
  redis.call('ZREM', KEYS[i], ARGV[1])
end
redis.call('HDEL', KEYS[1], 'message', 'progress', 'endpoint')
redis.call('HSET', KEYS[1], 'done', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`

// giveBack keeps the progress of a message and lists it as due, or as dead if there is no
// next time.
//
// KEYS: message, due, lent, dead. ARGV: id, lease, progress, next time in Unix ms or 0,
// now in Unix ms.
const giveBack = `
if tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1])) ~= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'progress', ARGV[3])
if ARGV[4] == '0' then
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[1])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
end
return 1`

// resume makes a message due that nobody is lent.
//
// KEYS: message, due, lent, dead. ARGV: id, progress, now in Unix ms.
const resume = `
local listed = redis.call('ZREM', KEYS[2], ARGV[1]) + redis.call('ZREM', KEYS[4], ARGV[1])
if listed == 0 or redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'progress', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1`
