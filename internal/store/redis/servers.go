package redis

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// meetServers asks every master who it is. One that is new to this gateway was
// restarted, promoted or replaced and may have lost anything, be it only the
// last second: all receipts kept here are delivered again.
func (s *Store) meetServers(ctx context.Context) error {
	var mu sync.Mutex
	var runs []string
	ask := func(ctx context.Context, c *goredis.Client) error {
		info, err := s.info(ctx, c)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		// Without a name it is met once: receipts from before it was configured go there.
		runs = append(runs, fmt.Sprintf("%s %d %s", info["run_id"], s.options.DB, s.options.KeyPrefix))
		s.checkPolicy(info["maxmemory_policy"])
		return nil
	}
	if err := s.eachMaster(ctx, ask); err != nil {
		return err
	}
	slices.Sort(runs)
	return s.local.Requeue(ctx, runs)
}

// eachMaster calls ask for every master of a Cluster, perhaps at once, or for
// the only server.
func (s *Store) eachMaster(ctx context.Context, ask func(context.Context, *goredis.Client) error) error {
	switch c := s.client.(type) {
	case *goredis.ClusterClient:
		return c.ForEachMaster(ctx, ask)
	case *goredis.Client:
		return ask(ctx, c)
	}
	return nil
}

// info returns the fields of the sections that matter here. A server that keeps
// them to itself, as some hosted ones do, has none.
func (s *Store) info(ctx context.Context, c *goredis.Client) (map[string]string, error) {
	fields := make(map[string]string)
	for _, section := range []string{"server", "memory"} {
		text, err := c.Info(ctx, section).Result()
		if goredis.HasErrorPrefix(err, "NOPERM") || goredis.HasErrorPrefix(err, "unknown command") {
			s.warn("redis: INFO is not allowed, so a server that lost its data is not noticed: grant +info")
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for line := bufio.NewScanner(strings.NewReader(text)); line.Scan(); {
			if name, value, found := strings.Cut(line.Text(), ":"); found {
				fields[name] = strings.TrimSpace(value)
			}
		}
	}
	return fields, nil
}

// checkPolicy warns of a server that deletes keys when its memory is short.
func (s *Store) checkPolicy(policy string) {
	if policy != "" && policy != "noeviction" {
		s.warn("redis: maxmemory-policy is " + policy + ", which deletes receipts and keys when memory is short: set it to noeviction")
	}
}
