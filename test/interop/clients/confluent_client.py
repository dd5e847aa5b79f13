"""confluent_client.py BOOTSTRAP: confluent-kafka (librdkafka) under the commands of ../foreign-client.ts."""

import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

from line_protocol import obey_lines, text, to_bytes

bootstrap = sys.argv[1]
admin = AdminClient({"bootstrap.servers": bootstrap})
producers = {}
members = {}


def result(futures):
    return [future.result() for future in futures.values()]


def produce(topic, records, codec="none", **_):
    if codec not in producers:
        settings = {"bootstrap.servers": bootstrap, "compression.type": codec, "enable.idempotence": True, "linger.ms": 20}
        producers[codec] = Producer(settings)
    producer = producers[codec]
    places = [None] * len(records)

    def place(index):
        def delivered(error, message):
            if error is not None:
                raise KafkaException(error)
            places[index] = {"partition": message.partition(), "offset": message.offset()}

        return delivered

    for index, record in enumerate(records):
        producer.produce(
            topic,
            key=to_bytes(record["key"]),
            value=to_bytes(record["value"]),
            headers=[(name, to_bytes(value)) for name, value in record.get("headers", [])],
            partition=record.get("partition", -1),
            timestamp=record.get("timestamp", 0),
            on_delivery=place(index),
        )
    producer.flush(20)
    return places


def told(message):
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": message.timestamp()[1],
        "key": text(message.key()),
        "value": text(message.value()),
        "headers": [[name, text(value)] for name, value in message.headers() or []],
    }


def consumer(group, **more):
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "heartbeat.interval.ms": 200,
            "session.timeout.ms": 10000,
            "fetch.error.backoff.ms": 20,
            "fetch.wait.max.ms": 100,
            **more,
        }
    )


def read(topic, count, **_):
    reader = consumer("nobody")
    try:
        partitions = reader.list_topics(topic, 10).topics[topic].partitions
        reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found = []
        while len(found) < count:
            message = reader.poll(10)
            if message is None:
                raise TimeoutError(f"{len(found)} of {count} records")
            if message.error():
                raise KafkaException(message.error())
            found.append(told(message))
        return found
    finally:
        reader.close()


def join(member, group, topic, instance=None, **_):
    members[member] = consumer(group, **({} if instance is None else {"group.instance.id": instance}))
    members[member].subscribe([topic])


def poll(member, waitMs=200, **_):
    reader = members[member]
    until = time.monotonic() + waitMs / 1000
    found = []
    while (left := until - time.monotonic()) > 0:
        message = reader.poll(left)
        if message is None:
            break
        if message.error():
            raise KafkaException(message.error())
        found.append(told(message))
    return {"records": found, "assigned": sorted(it.partition for it in reader.assignment())}


def commit(member, **_):
    reader = members[member]
    reader.commit(asynchronous=False)


def leave(member, **_):
    members.pop(member).close()


def create_topic(topic, partitions, configs=None, **_):
    result(admin.create_topics([NewTopic(topic, partitions, 1, config=configs or {})]))


def describe_configs(topic, **_):
    [entries] = result(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))
    own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return {name: entry.value for name, entry in sorted(entries.items()) if entry.source == own}


def alter_configs(topic, configs, **_):
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in configs.items()]
    result(admin.incremental_alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)]))


def partitions_of(topic):
    return admin.list_topics(topic, 10).topics[topic].partitions


def list_offsets(topic, **_):
    def at(spec):
        futures = admin.list_offsets({TopicPartition(topic, partition): spec for partition in partitions_of(topic)})
        return {str(place.partition): future.result().offset for place, future in futures.items()}

    return {"start": at(OffsetSpec.earliest()), "end": at(OffsetSpec.latest())}


def describe_group(group, **_):
    [described] = result(admin.describe_consumer_groups([group]))
    return {"state": described.state.name, "members": len(described.members)}


obey_lines(
    {
        "produce": produce,
        "read": read,
        "join": join,
        "poll": poll,
        "commit": commit,
        "leave": leave,
        "createTopic": create_topic,
        "createPartitions": lambda topic, partitions, **_: result(admin.create_partitions([NewPartitions(topic, partitions)])) and None,
        "deleteTopic": lambda topic, **_: result(admin.delete_topics([topic])) and None,
        "listTopics": lambda **_: sorted(admin.list_topics(timeout=10).topics),
        "describeTopic": lambda topic, **_: {"partitions": len(partitions_of(topic))},
        "describeConfigs": describe_configs,
        "alterConfigs": alter_configs,
        "listOffsets": list_offsets,
        "deleteRecords": lambda topic, partition, before, **_: result(admin.delete_records([TopicPartition(topic, partition, before)])) and None,
        "listGroups": lambda **_: sorted(it.group_id for it in admin.list_consumer_groups().result().valid),
        "describeGroup": describe_group,
        "deleteGroup": lambda group, **_: result(admin.delete_consumer_groups([group])) and None,
    }
)
