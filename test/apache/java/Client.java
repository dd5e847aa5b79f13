import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Client BOOTSTRAP: obeys the commands of test/interop/foreign-client.ts, a line of JSON each. */
class Client {
  static final ObjectMapper json = new ObjectMapper();
  final String bootstrap;
  final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
  final Map<String, KafkaConsumer<byte[], byte[]>> members = new HashMap<>();
  final Admin admin;

  Client(String bootstrap) {
    this.bootstrap = bootstrap;
    admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  public static void main(String[] args) throws IOException {
    var client = new Client(args[0]);
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      var command = json.readTree(line);
      var answer = json.createObjectNode();
      try {
        answer.set("ok", json.valueToTree(client.obey(command)));
      } catch (Throwable thrown) {
        var cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
        answer.put("error", cause.getClass().getSimpleName() + ": " + cause.getMessage());
      }
      System.out.println(answer);
    }
    System.exit(0);
  }

  Object obey(JsonNode command) throws Exception {
    var topic = command.path("topic").asText();
    var group = command.path("group").asText();
    switch (command.get("do").asText()) {
      case "produce":
        return produce(topic, command);
      case "read":
        return read(topic, command);
      case "join":
        return join(command);
      case "poll":
        return poll(command);
      case "commit":
        return commit(command);
      case "leave":
        members.remove(command.get("member").asText()).close();
        return null;
      case "createTopic":
        admin
            .createTopics(
                List.of(new NewTopic(topic, command.get("partitions").asInt(), (short) 1).configs(texts(command.path("configs")))))
            .all()
            .get();
        return null;
      case "createPartitions":
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(command.get("partitions").asInt()))).all().get();
        return null;
      case "deleteTopic":
        admin.deleteTopics(List.of(topic)).all().get();
        return null;
      case "listTopics":
        return new TreeSet<>(admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get());
      case "describeTopic":
        {
          var described = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
          return Map.of("id", described.topicId().toString(), "partitions", described.partitions().size());
        }
      case "describeConfigs":
        return configs(new ConfigResource(ConfigResource.Type.valueOf(command.path("type").asText("TOPIC")), nameOf(command)));
      case "alterConfigs":
        alterConfigs(command);
        return null;
      case "listOffsets":
        return Map.of("start", offsets(topic, OffsetSpec.earliest()), "end", offsets(topic, OffsetSpec.latest()));
      case "deleteRecords":
        admin
            .deleteRecords(
                Map.of(
                    new TopicPartition(topic, command.get("partition").asInt()),
                    RecordsToDelete.beforeOffset(command.get("before").asLong())))
            .all()
            .get();
        return null;
      case "listGroups":
        {
          var names = new TreeSet<String>();
          admin.listGroups().all().get().forEach(listing -> names.add(listing.groupId()));
          return names;
        }
      case "describeGroup":
        {
          var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
          var instances = new TreeSet<String>();
          described.members().forEach(member -> member.groupInstanceId().ifPresent(instances::add));
          return Map.of("state", described.groupState().toString(), "members", described.members().size(), "instances", instances);
        }
      case "deleteGroup":
        admin.deleteConsumerGroups(List.of(group)).all().get();
        return null;
      case "committed":
        return committed(group);
      case "alterCommitted":
        {
          var to = new OffsetAndMetadata(command.get("offset").asLong(), Optional.of(0), command.path("metadata").asText());
          admin.alterConsumerGroupOffsets(group, Map.of(new TopicPartition(topic, command.get("partition").asInt()), to)).all().get();
          return null;
        }
      default:
        throw new IllegalArgumentException("no such command");
    }
  }

  /** Producers live as long as the process, so that an idempotent one goes on where it was when its broker comes back. */
  List<Map<String, Object>> produce(String topic, JsonNode command) throws Exception {
    var codec = command.path("codec").asText("none");
    var producer = producers.computeIfAbsent(codec, this::producer);
    var sent = new ArrayList<Future<RecordMetadata>>();
    for (var record : command.get("records")) {
      var headers = new ArrayList<Header>();
      for (var header : record.path("headers")) headers.add(new RecordHeader(header.get(0).asText(), bytes(header.get(1))));
      Integer partition = record.has("partition") ? record.get("partition").asInt() : null;
      Long timestamp = record.has("timestamp") ? record.get("timestamp").asLong() : null;
      sent.add(producer.send(new ProducerRecord<>(topic, partition, timestamp, bytes(record.get("key")), bytes(record.get("value")), headers)));
    }
    producer.flush();
    var places = new ArrayList<Map<String, Object>>();
    for (var future : sent) places.add(Map.of("partition", future.get().partition(), "offset", future.get().offset()));
    return places;
  }

  KafkaProducer<byte[], byte[]> producer(String codec) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "compression.type", codec, "linger.ms", 20);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> more) {
    var settings = new HashMap<String, Object>(more);
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    // A consumer that closes waits for its last fetch.
    settings.put("fetch.max.wait.ms", 100);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  ArrayNode read(String topic, JsonNode command) {
    var found = json.createArrayNode();
    try (var consumer = consumer(Map.of())) {
      var partitions = consumer.partitionsFor(topic).stream().map(it -> new TopicPartition(topic, it.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) found.add(told(record));
      }
    }
    return found;
  }

  Object join(JsonNode command) {
    var settings = new HashMap<String, Object>();
    settings.put("group.id", command.get("group").asText());
    if (command.has("instance")) settings.put("group.instance.id", command.get("instance").asText());
    if (command.has("assignor")) settings.put("partition.assignment.strategy", command.get("assignor").asText());
    settings.put("heartbeat.interval.ms", 200);
    var member = consumer(settings);
    member.subscribe(List.of(command.get("topic").asText()));
    members.put(command.get("member").asText(), member);
    return null;
  }

  Object poll(JsonNode command) {
    var member = members.get(command.get("member").asText());
    var found = json.createArrayNode();
    for (var record : member.poll(Duration.ofMillis(command.path("waitMs").asLong(200)))) found.add(told(record));
    var assigned = new TreeSet<Integer>();
    member.assignment().forEach(it -> assigned.add(it.partition()));
    return Map.of("records", found, "assigned", assigned);
  }

  Object commit(JsonNode command) {
    var member = members.get(command.get("member").asText());
    if (!command.has("metadata")) {
      member.commitSync();
      return null;
    }
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (var partition : member.assignment())
      offsets.put(partition, new OffsetAndMetadata(member.position(partition), Optional.of(0), command.get("metadata").asText()));
    member.commitSync(offsets);
    return null;
  }

  Map<String, Object> committed(String group) throws Exception {
    var found = new TreeMap<String, Object>();
    for (var entry : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet()) {
      var offset = entry.getValue();
      found.put(entry.getKey().toString(), offset.offset() + " " + offset.leaderEpoch().orElse(-1) + " " + offset.metadata());
    }
    return found;
  }

  Map<String, Object> offsets(String topic, OffsetSpec spec) throws Exception {
    var asked = new HashMap<TopicPartition, OffsetSpec>();
    for (var it : admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions())
      asked.put(new TopicPartition(topic, it.partition()), spec);
    var found = new TreeMap<String, Object>();
    for (var entry : admin.listOffsets(asked).all().get().entrySet())
      found.put(String.valueOf(entry.getKey().partition()), entry.getValue().offset());
    return found;
  }

  /** What is set on the resource itself. */
  Map<String, String> configs(ConfigResource resource) throws Exception {
    var found = new TreeMap<String, String>();
    for (var entry : admin.describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
      var isOwn =
          switch (entry.source()) {
            case DYNAMIC_TOPIC_CONFIG, DYNAMIC_GROUP_CONFIG, DYNAMIC_BROKER_CONFIG -> true;
            case DYNAMIC_DEFAULT_BROKER_CONFIG -> resource.type() == ConfigResource.Type.BROKER;
            default -> false;
          };
      if (isOwn) found.put(entry.name(), entry.value());
    }
    return found;
  }

  void alterConfigs(JsonNode command) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.valueOf(command.path("type").asText("TOPIC")), nameOf(command));
    var operations = new ArrayList<AlterConfigOp>();
    texts(command.get("configs"))
        .forEach(
            (name, value) ->
                operations.add(
                    new AlterConfigOp(
                        new ConfigEntry(name, value), value == null ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET)));
    admin.incrementalAlterConfigs(Map.of(resource, operations)).all().get();
  }

  static String nameOf(JsonNode command) {
    return command.has("name") ? command.get("name").asText() : command.path("topic").asText();
  }

  static Map<String, String> texts(JsonNode node) {
    var found = new TreeMap<String, String>();
    node.fields().forEachRemaining(field -> found.put(field.getKey(), field.getValue().isNull() ? null : field.getValue().asText()));
    return found;
  }

  static ObjectNode told(ConsumerRecord<byte[], byte[]> record) {
    var node = json.createObjectNode();
    node.put("partition", record.partition()).put("offset", record.offset()).put("timestamp", record.timestamp());
    node.put("key", record.key()).put("value", record.value());
    var headers = node.putArray("headers");
    for (var header : record.headers()) headers.addArray().add(header.key()).add(header.value());
    return node;
  }

  static byte[] bytes(JsonNode node) throws IOException {
    return node == null || node.isNull() ? null : node.binaryValue();
  }
}
