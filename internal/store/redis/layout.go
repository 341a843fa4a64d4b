package redis

// What is in Redis, with the default prefix. The braces keep all keys of one
// subject on one server of a Cluster.
//
//	privacy:{keys}            hash: key id → key record, secret included
//	privacy:{keys}:dropped    set:  ids of dropped keys
//	privacy:{SUBJECT}         sorted set: receipt ids by time, until the last one expires
//	privacy:{SUBJECT}:ID      string: the receipt, until it expires
//	privacy:spent:KIND:ID     string: empty, until its life is over
//
// All that is about messages is on one server: they are few.
//
//	privacy:{outbox}:m:ID       hash: message, its progress, or that it is done; until it expires
//	privacy:{outbox}:due:NAME   sorted set: ids of messages to an endpoint, by when they are due
//	privacy:{outbox}:lent:NAME  sorted set: ids of those in a sender's hands, by when the lease ends
//	privacy:{outbox}:dead:NAME  sorted set: ids of those that were given up, by when
//	privacy:{outbox}:endpoints  set:  names of endpoints
//	privacy:{outbox}:suspended  hash: name of an endpoint → digest of the address at which it wants no more
//
// The commands used are those this user may give; the last line is for a Cluster
// only, and a database other than 0 needs +select as well:
//
//	ACL SETUSER gateway on >PASSWORD ~privacy:* resetchannels -@all
//	  +eval +set +zadd +pttl +pexpire +zrange +mget
//	  +hgetall +hsetnx +hdel +smembers +sadd +info
//	  +exists +hset +hget +hmget +pexpireat +zrem +zscore +time
//	  +cluster|slots +command
//
// The server must keep what it is given: maxmemory-policy noeviction.

func (s *Store) keysKey() string    { return s.options.KeyPrefix + "{keys}" }
func (s *Store) droppedKey() string { return s.options.KeyPrefix + "{keys}:dropped" }

func (s *Store) indexKey(subject string) string { return s.options.KeyPrefix + "{" + subject + "}" }

func (s *Store) receiptKey(subject, id string) string { return s.indexKey(subject) + ":" + id }

func (s *Store) spentKey(kind, id string) string {
	return s.options.KeyPrefix + "spent:" + kind + ":" + id
}

// deliver stores a receipt once: a second delivery changes nothing, which makes
// any repetition safe. It takes no clock but the server's: the index lives as
// long as its longest-lived receipt. One that has expired already is not indexed.
//
// KEYS: receipt, index. ARGV: record, expiry in Unix ms, time in Unix ms, id.
const deliver = `
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2])
local left = redis.call('PTTL', KEYS[1])
if left > 0 then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
  if redis.call('PTTL', KEYS[2]) < left then
    redis.call('PEXPIRE', KEYS[2], left)
  end
end
return left`
