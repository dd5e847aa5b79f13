// main BOOTSTRAP: franz-go under the commands of ../../foreign-client.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// []byte travels as base64, nil as null.
type sent struct {
	Key       []byte               `json:"key"`
	Value     []byte               `json:"value"`
	Headers   [][2]json.RawMessage `json:"headers"`
	Partition *int32               `json:"partition"`
	Timestamp int64                `json:"timestamp"`
}

type read struct {
	Partition int32    `json:"partition"`
	Offset    int64    `json:"offset"`
	Timestamp int64    `json:"timestamp"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Headers   [][2]any `json:"headers"`
}

type place struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

type command struct {
	Do         string             `json:"do"`
	Topic      string             `json:"topic"`
	Group      string             `json:"group"`
	Member     string             `json:"member"`
	Instance   string             `json:"instance"`
	Codec      string             `json:"codec"`
	Count      int                `json:"count"`
	WaitMs     int                `json:"waitMs"`
	Partitions int32              `json:"partitions"`
	Partition  int32              `json:"partition"`
	Before     int64              `json:"before"`
	Configs    map[string]*string `json:"configs"`
	Records    []sent             `json:"records"`
}

// member is a consumer in a group, and what the callbacks of its rebalances told.
type member struct {
	client   *kgo.Client
	mutex    sync.Mutex
	assigned map[int32]bool
	instance string
}

var (
	bootstrap = os.Args[1]
	producers = map[string]*kgo.Client{}
	members   = map[string]*member{}
	admin     *kadm.Client
	codecs    = map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
)

func open(options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(bootstrap))...)
	if err != nil {
		panic(err)
	}
	return client
}

func main() {
	admin = kadm.NewClient(open())
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var it command
		err := json.Unmarshal(lines.Bytes(), &it)
		var ok any
		if err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			ok, err = obey(ctx, it)
			cancel()
		}
		answer := map[string]any{"ok": ok}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
		line, _ := json.Marshal(answer)
		fmt.Println(string(line))
	}
}

func obey(ctx context.Context, it command) (any, error) {
	switch it.Do {
	case "produce":
		return produce(ctx, it)
	case "read":
		reader := open(kgo.ConsumeTopics(it.Topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		defer reader.Close()
		found := []read{}
		for len(found) < it.Count {
			more, err := poll(ctx, reader)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
		return found, nil
	case "join":
		members[it.Member] = join(it)
		return nil, nil
	case "poll":
		return members[it.Member].poll(ctx, time.Duration(it.WaitMs)*time.Millisecond)
	case "commit":
		return nil, members[it.Member].client.CommitUncommittedOffsets(ctx)
	case "leave":
		members[it.Member].client.Close()
		delete(members, it.Member)
		return nil, nil
	default:
		return administer(ctx, it)
	}
}

func produce(ctx context.Context, it command) (any, error) {
	if it.Codec == "" {
		it.Codec = "none"
	}
	producer := producers[it.Codec]
	if producer == nil {
		producer = open(kgo.ProducerBatchCompression(codecs[it.Codec]), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(20*time.Millisecond))
		producers[it.Codec] = producer
	}
	records := make([]*kgo.Record, len(it.Records))
	for i, record := range it.Records {
		made := &kgo.Record{Topic: it.Topic, Key: record.Key, Value: record.Value}
		if record.Partition != nil {
			made.Partition = *record.Partition
		}
		if record.Timestamp != 0 {
			made.Timestamp = time.UnixMilli(record.Timestamp)
		}
		for _, pair := range record.Headers {
			var one kgo.RecordHeader
			if err := errors.Join(json.Unmarshal(pair[0], &one.Key), json.Unmarshal(pair[1], &one.Value)); err != nil {
				return nil, err
			}
			made.Headers = append(made.Headers, one)
		}
		records[i] = made
	}
	results := producer.ProduceSync(ctx, records...)
	if err := results.FirstErr(); err != nil {
		return nil, err
	}
	places := make([]place, len(records))
	for i, record := range records {
		places[i] = place{record.Partition, record.Offset}
	}
	return places, nil
}

func poll(ctx context.Context, client *kgo.Client) ([]read, error) {
	fetches := client.PollFetches(ctx)
	found := []read{}
	for _, failed := range fetches.Errors() {
		if !errors.Is(failed.Err, context.DeadlineExceeded) {
			return nil, failed.Err
		}
	}
	fetches.EachRecord(func(record *kgo.Record) {
		headers := [][2]any{}
		for _, one := range record.Headers {
			headers = append(headers, [2]any{one.Key, one.Value})
		}
		found = append(found, read{record.Partition, record.Offset, record.Timestamp.UnixMilli(), record.Key, record.Value, headers})
	})
	return found, nil
}

func join(it command) *member {
	joined := &member{assigned: map[int32]bool{}, instance: it.Instance}
	note := func(has bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			joined.mutex.Lock()
			defer joined.mutex.Unlock()
			for _, partition := range partitions[it.Topic] {
				if has {
					joined.assigned[partition] = true
				} else {
					delete(joined.assigned, partition)
				}
			}
		}
	}
	options := []kgo.Opt{
		kgo.ConsumerGroup(it.Group), kgo.ConsumeTopics(it.Topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.HeartbeatInterval(200 * time.Millisecond), kgo.SessionTimeout(10 * time.Second),
		kgo.OnPartitionsAssigned(note(true)), kgo.OnPartitionsRevoked(note(false)), kgo.OnPartitionsLost(note(false)),
	}
	if it.Instance != "" {
		options = append(options, kgo.InstanceID(it.Instance))
	}
	joined.client = open(options...)
	return joined
}

func (m *member) poll(ctx context.Context, wait time.Duration) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	found, err := poll(ctx, m.client)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	assigned := []int{}
	for partition := range m.assigned {
		assigned = append(assigned, int(partition))
	}
	sort.Ints(assigned)
	return map[string]any{"records": found, "assigned": assigned}, err
}
