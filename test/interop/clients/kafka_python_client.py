"""kafka_python_client.py BOOTSTRAP: kafka-python under the commands of ../foreign-client.ts."""

import collections
import queue
import sys
import threading
import time
from concurrent.futures import Future

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

from line_protocol import obey_lines, text, to_bytes

bootstrap = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=bootstrap)
producers = {}
members = {}


def produce(topic, records, codec="none", **_):
    if codec not in producers:
        compression = None if codec == "none" else codec
        producers[codec] = KafkaProducer(bootstrap_servers=bootstrap, compression_type=compression, linger_ms=20)
    producer = producers[codec]
    futures = [
        producer.send(
            topic,
            key=to_bytes(record["key"]),
            value=to_bytes(record["value"]),
            headers=[(name, to_bytes(value)) for name, value in record.get("headers", [])],
            partition=record.get("partition"),
            timestamp_ms=record.get("timestamp"),
        )
        for record in records
    ]
    producer.flush(20)
    return [{"partition": it.partition, "offset": it.offset} for it in (future.get(20) for future in futures)]


def told(record):
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": text(record.key),
        "value": text(record.value),
        "headers": [[name, text(value)] for name, value in record.headers],
    }


def consumer(group=None, **more):
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=200,
        session_timeout_ms=10000,
        fetch_max_wait_ms=100,
        **more,
    )


def drain(reader, wait_ms):
    return [told(record) for records in reader.poll(wait_ms).values() for record in records]


def read(topic, count, **_):
    reader = consumer()
    try:
        reader.assign([TopicPartition(topic, partition) for partition in reader.partitions_for_topic(topic)])
        found = []
        for _ in range(50):
            found += drain(reader, 200)
            if len(found) >= count:
                return found
        raise TimeoutError(f"{len(found)} of {count} records")
    finally:
        reader.close()


class Member(threading.Thread):
    """A member of a group that polls all the time, in a thread of its own.

    A poll that ends while the group is still joining throws away the answer when it comes, and the next poll joins once more: members
    that are polled in turn, for a moment each, can send each other back to the beginning for ever.
    """

    def __init__(self, reader):
        super().__init__(daemon=True)
        self.reader = reader
        self.wanted = queue.SimpleQueue()
        self.found = collections.deque()
        self.assigned = []
        self.failure = None
        self.start()

    def run(self):
        try:
            while True:
                found = drain(self.reader, 200)
                self.assigned = sorted(it.partition for it in self.reader.assignment())
                self.found.extend(found)
                while not self.wanted.empty():
                    future, call, is_last = self.wanted.get()
                    try:
                        future.set_result(call(self.reader))
                    except Exception as error:
                        future.set_exception(error)
                    if is_last:
                        return
        except Exception as error:
            self.failure = error

    def ask(self, call, is_last=False):
        future = Future()
        self.wanted.put((future, call, is_last))
        return future.result(20)


def join(member, group, topic, instance=None, **_):
    reader = consumer(group, **({} if instance is None else {"group_instance_id": instance}))
    # It may join before it knows the topic, and as leader then assigns nothing for good: nothing else makes it join again.
    reader.partitions_for_topic(topic)
    reader.subscribe([topic])
    members[member] = Member(reader)


def poll(member, waitMs=200, **_):
    it = members[member]
    until = time.monotonic() + waitMs / 1000
    while not it.found and it.failure is None and time.monotonic() < until:
        time.sleep(0.01)
    if it.failure is not None:
        raise it.failure
    return {"records": [it.found.popleft() for _ in range(len(it.found))], "assigned": it.assigned}


def leave(member, **_):
    members.pop(member).ask(lambda reader: reader.close(autocommit=False), is_last=True)


def create_topic(topic, partitions, configs=None, **_):
    admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1, topic_configs=configs or {})])


def describe_configs(topic, **_):
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {name: entry["value"] for name, entry in sorted(described["topic"][topic].items()) if entry["config_source"] == "DYNAMIC_TOPIC_CONFIG"}


def alter_configs(topic, configs, **_):
    altered = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])
    if altered["topic"][topic] != "OK":
        raise RuntimeError(altered["topic"][topic])


def list_offsets(topic, **_):
    [described] = admin.describe_topics([topic])
    places = [TopicPartition(topic, it["partition_index"]) for it in described["partitions"]]

    def at(timestamp):
        found = admin.list_partition_offsets({place: timestamp for place in places})
        return {str(place.partition): it.offset for place, it in found.items()}

    return {"start": at(-2), "end": at(-1)}


def describe_group(group, **_):
    described = admin.describe_groups([group])[group]
    return {"state": described["group_state"], "members": len(described["members"])}


def delete_group(group, **_):
    error = dict(admin.delete_groups([group]))[group]
    if error != "OK":
        raise RuntimeError(error)


obey_lines(
    {
        "produce": produce,
        "read": read,
        "join": join,
        "poll": poll,
        "commit": lambda member, **_: members[member].ask(lambda reader: reader.commit()),
        "leave": leave,
        "createTopic": create_topic,
        "createPartitions": lambda topic, partitions, **_: admin.create_partitions({topic: NewPartitions(partitions)}) and None,
        "deleteTopic": lambda topic, **_: admin.delete_topics([topic]) and None,
        "listTopics": lambda **_: sorted(admin.list_topics()),
        "describeTopic": lambda topic, **_: {"partitions": len(admin.describe_topics([topic])[0]["partitions"])},
        "describeConfigs": describe_configs,
        "alterConfigs": alter_configs,
        "listOffsets": list_offsets,
        "deleteRecords": lambda topic, partition, before, **_: admin.delete_records({TopicPartition(topic, partition): before}) and None,
        "listGroups": lambda **_: sorted(it["group_id"] for it in admin.list_groups()),
        "describeGroup": describe_group,
        "deleteGroup": delete_group,
    }
)
