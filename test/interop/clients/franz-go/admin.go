package main

import (
	"context"
	"fmt"
	"sort"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func administer(ctx context.Context, it command) (any, error) {
	switch it.Do {
	case "createTopic":
		_, err := admin.CreateTopic(ctx, it.Partitions, 1, it.Configs, it.Topic)
		return nil, err
	case "createPartitions":
		made, err := admin.UpdatePartitions(ctx, int(it.Partitions), it.Topic)
		if err == nil {
			err = made.Error()
		}
		return nil, err
	case "deleteTopic":
		_, err := admin.DeleteTopic(ctx, it.Topic)
		return nil, err
	case "listTopics":
		topics, err := admin.ListTopics(ctx)
		return topics.Names(), err
	case "describeTopic":
		topics, err := admin.ListTopics(ctx, it.Topic)
		return map[string]any{"partitions": len(topics[it.Topic].Partitions)}, err
	case "describeConfigs":
		described, err := admin.DescribeTopicConfigs(ctx, it.Topic)
		if err != nil {
			return nil, err
		}
		found := map[string]string{}
		for _, config := range described[0].Configs {
			if config.Source == kmsg.ConfigSourceDynamicTopicConfig {
				found[config.Key] = config.MaybeValue()
			}
		}
		return found, described[0].Err
	case "alterConfigs":
		changes := []kadm.AlterConfig{}
		for name, value := range it.Configs {
			changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: value})
		}
		altered, err := admin.AlterTopicConfigs(ctx, changes, it.Topic)
		if err == nil && altered[0].Err != nil {
			err = fmt.Errorf("%w: %s", altered[0].Err, altered[0].ErrMessage)
		}
		return nil, err
	case "listOffsets":
		start, err := admin.ListStartOffsets(ctx, it.Topic)
		if err != nil {
			return nil, err
		}
		end, err := admin.ListEndOffsets(ctx, it.Topic)
		return map[string]any{"start": offsets(start), "end": offsets(end)}, err
	case "deleteRecords":
		asked := kadm.Offsets{}
		asked.AddOffset(it.Topic, it.Partition, it.Before, -1)
		deleted, err := admin.DeleteRecords(ctx, asked)
		if err == nil {
			err = deleted.Error()
		}
		return nil, err
	case "listGroups":
		groups, err := admin.ListGroups(ctx)
		names := groups.Groups()
		sort.Strings(names)
		return names, err
	case "describeGroup":
		groups, err := admin.DescribeGroups(ctx, it.Group)
		described := groups[it.Group]
		return map[string]any{"state": described.State, "members": len(described.Members)}, err
	case "deleteGroup":
		_, err := admin.DeleteGroup(ctx, it.Group)
		return nil, err
	}
	return nil, fmt.Errorf("no such command: %s", it.Do)
}

func offsets(listed kadm.ListedOffsets) map[string]int64 {
	found := map[string]int64{}
	listed.Each(func(one kadm.ListedOffset) { found[fmt.Sprint(one.Partition)] = one.Offset })
	return found
}
