package org.apache.kafka.controller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.metadata.BrokerRegistrationChangeRecord;
import org.apache.kafka.common.metadata.FeatureLevelRecord;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.metadata.UnregisterBrokerRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.KafkaConfigSchema;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.metadata.placement.StripedReplicaPlacer;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.EligibleLeaderReplicasVersion;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.timeline.SnapshotRegistry;

/** Reads what a controller is asked, a script as a line of JSON, and writes what Kafka's deciders answer and the records that they make. */
public class ControllerDecisions {
  static final ObjectMapper json = new ObjectMapper();

  long nowMs = 0;
  long nextOffset;
  final FeatureControlManager features;
  final ConfigurationControlManager configs;
  final ClusterControlManager cluster;
  final ReplicationControlManager replication;

  /** The time of the script. */
  final Time time =
      new Time() {
        public long milliseconds() {
          return nowMs;
        }

        public long nanoseconds() {
          return nowMs * 1_000_000;
        }

        public void sleep(long ms) {
          throw new UnsupportedOperationException();
        }

        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
          throw new UnsupportedOperationException();
        }
      };

  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      var script = json.readTree(line);
      var controller = new ControllerDecisions(script);
      var answers = json.createArrayNode();
      for (var asked : script.get("asked")) answers.add(controller.answer(asked));
      System.out.println(json.writeValueAsString(answers));
    }
  }

  ControllerDecisions(JsonNode script) {
    nextOffset = script.get("nextOffset").asLong();
    var snapshots = new SnapshotRegistry(new org.apache.kafka.common.utils.LogContext());
    features =
        new FeatureControlManager.Builder()
            .setSnapshotRegistry(snapshots)
            .setQuorumFeatures(new QuorumFeatures(0, QuorumFeatures.defaultSupportedFeatureMap(true), List.of(0)))
            .build();
    feature(MetadataVersion.FEATURE_NAME, script.get("level").asInt());
    feature(EligibleLeaderReplicasVersion.FEATURE_NAME, script.get("elr").asBoolean() ? 1 : 0);
    var topic =
        new ConfigDef()
            .define("min.insync.replicas", ConfigDef.Type.INT, 1, ConfigDef.Importance.HIGH, "")
            .define("unclean.leader.election.enable", ConfigDef.Type.BOOLEAN, false, ConfigDef.Importance.HIGH, "");
    var synonyms =
        Map.of(
            "min.insync.replicas", List.of(new ConfigSynonym("min.insync.replicas")),
            "unclean.leader.election.enable", List.of(new ConfigSynonym("unclean.leader.election.enable")));
    var schema = new KafkaConfigSchema(Map.of(ConfigResource.Type.TOPIC, topic, ConfigResource.Type.BROKER, topic), synonyms);
    Map<String, Object> file =
        Map.of("min.insync.replicas", script.get("minIsr").asText(), "unclean.leader.election.enable", script.get("unclean").asText());
    configs =
        new ConfigurationControlManager.Builder()
            .setSnapshotRegistry(snapshots)
            .setKafkaConfigSchema(schema)
            .setStaticConfig(file)
            .setFeatureControl(features)
            .build();
    cluster =
        new ClusterControlManager.Builder()
            .setClusterId("cluster")
            .setTime(time)
            .setSnapshotRegistry(snapshots)
            .setSessionTimeoutNs(9_000_000_000L)
            .setReplicaPlacer(new StripedReplicaPlacer(new Random(1)))
            .setFeatureControlManager(features)
            .setBrokerShutdownHandler((id, clean, records) -> this.replicas().handleBrokerShutdown(id, clean, records))
            .build();
    replication =
        new ReplicationControlManager.Builder()
            .setSnapshotRegistry(snapshots)
            .setConfigurationControl(configs)
            .setClusterControl(cluster)
            .setFeatureControl(features)
            .build();
    cluster.activate();
  }

  ReplicationControlManager replicas() {
    return replication;
  }

  void feature(String name, int level) {
    features.replay(new FeatureLevelRecord().setName(name).setFeatureLevel((short) level));
  }

  JsonNode answer(JsonNode asked) {
    var out = json.createObjectNode();
    nowMs = asked.get("nowMs").asLong();
    List<ApiMessageAndVersion> records = new ArrayList<>();
    String error;
    try {
      error = decide(asked, records);
    } catch (Exception thrown) {
      error = Errors.forException(thrown).name();
      if (error.equals("UNKNOWN_SERVER_ERROR")) error += " " + thrown;
    }
    out.put("error", error);
    var told = out.putArray("records");
    for (var record : records) told.add(text(record.message(), record.version()));
    for (var record : fenced) told.add(text(record.message(), record.version()));
    fenced.clear();
    for (var record : records) replay(record.message());
    if (asked.get("kind").asText().equals("beat") && shuttingDown)
      cluster.heartbeatManager().maybeUpdateControlledShutdownOffset(asked.get("broker").asInt(), nextOffset - 1);
    shuttingDown = false;
    return out;
  }

  boolean shuttingDown = false;
  /** These are replayed already. */
  final List<ApiMessageAndVersion> fenced = new ArrayList<>();

  String decide(JsonNode asked, List<ApiMessageAndVersion> records) {
    int broker = asked.path("broker").asInt(-1);
    long epoch = asked.path("epoch").asLong(-1);
    var topicId = asked.has("topicId") ? Uuid.fromString(asked.get("topicId").asText()) : null;
    int partition = asked.path("partition").asInt(0);
    switch (asked.get("kind").asText()) {
      case "register": {
        var request =
            new BrokerRegistrationRequestData()
                .setBrokerId(broker)
                .setClusterId("cluster")
                .setIncarnationId(Uuid.fromString(asked.get("incarnation").asText()))
                .setPreviousBrokerEpoch(asked.get("previous").asLong())
                .setLogDirs(ids(asked.get("directories")));
        request.features().add(new BrokerRegistrationRequestData.Feature().setName("metadata.version").setMinSupportedVersion((short) 7).setMaxSupportedVersion((short) 31));
        request.features().add(new BrokerRegistrationRequestData.Feature().setName("eligible.leader.replicas.version").setMinSupportedVersion((short) 0).setMaxSupportedVersion((short) 1));
        var result = cluster.registerBroker(request, nextOffset, features.finalizedFeatures(Long.MAX_VALUE), true);
        records.addAll(result.records());
        return "NONE " + result.response().epoch();
      }
      case "beat": {
        var request =
            new BrokerHeartbeatRequestData()
                .setBrokerId(broker)
                .setBrokerEpoch(epoch)
                .setCurrentMetadataOffset(asked.get("offset").asLong())
                .setWantFence(asked.get("wantFence").asBoolean())
                .setWantShutDown(asked.get("wantShutDown").asBoolean())
                .setCordonedLogDirs(null)
                .setOfflineLogDirs(ids(asked.get("offline")));
        var registered = cluster.registerBrokerRecordOffset(broker);
        if (registered.isEmpty()) return "STALE_BROKER_EPOCH";
        // Kafka notes the contact before it looks at the epoch; a broker of another epoch has no session of this one.
        cluster.trackBrokerHeartbeat(broker, epoch);
        var result = replication.processBrokerHeartbeat(request, registered.getAsLong());
        records.addAll(result.records());
        var reply = result.response();
        shuttingDown = reply.inControlledShutdown();
        return "NONE " + (reply.isCaughtUp() ? "caught up, " : "behind, ") + (reply.isFenced() ? "fenced" : "unfenced") + (reply.shouldShutDown() ? ", go" : "");
      }
      case "topic": {
        records.add(new ApiMessageAndVersion(new TopicRecord().setName(asked.get("name").asText()).setTopicId(topicId), (short) 0));
        int id = 0;
        for (var given : asked.get("partitions")) {
          var record =
              new PartitionRecord()
                  .setTopicId(topicId)
                  .setPartitionId(id++)
                  .setReplicas(list(given.get("replicas")))
                  .setIsr(list(given.get("isr")))
                  .setLeader(given.get("leader").asInt())
                  .setLeaderEpoch(0)
                  .setPartitionEpoch(0)
                  .setDirectories(ids(given.get("directories")));
          records.add(new ApiMessageAndVersion(record, (short) 2));
        }
        return "NONE";
      }
      case "isr": {
        var members = new ArrayList<AlterPartitionRequestData.BrokerState>();
        for (var member : asked.get("isr"))
          members.add(new AlterPartitionRequestData.BrokerState().setBrokerId(member.get(0).asInt()).setBrokerEpoch(member.get(1).asLong()));
        var data =
            new AlterPartitionRequestData.PartitionData()
                .setPartitionIndex(partition)
                .setLeaderEpoch(asked.get("leaderEpoch").asInt())
                .setPartitionEpoch(asked.get("partitionEpoch").asInt())
                .setNewIsrWithEpochs(members)
                .setLeaderRecoveryState((byte) asked.get("recovery").asInt());
        var topic = new AlterPartitionRequestData.TopicData().setTopicId(topicId).setPartitions(List.of(data));
        var request = new AlterPartitionRequestData().setBrokerId(broker).setBrokerEpoch(epoch).setTopics(List.of(topic));
        var header = new RequestHeaderData().setRequestApiVersion((short) 3);
        var result = replication.alterPartition(new ControllerRequestContext(header, KafkaPrincipal.ANONYMOUS, OptionalLong.empty()), request);
        records.addAll(result.records());
        return name(result.response().topics().get(0).partitions().get(0).errorCode());
      }
      case "elect": {
        var partitions = new ElectLeadersRequestData.TopicPartitionsCollection();
        partitions.add(new ElectLeadersRequestData.TopicPartitions().setTopic(asked.get("name").asText()).setPartitions(List.of(partition)));
        var request = new ElectLeadersRequestData().setElectionType((byte) asked.get("type").asInt()).setTopicPartitions(partitions);
        var result = replication.electLeaders(request);
        records.addAll(result.records());
        return name(result.response().replicaElectionResults().get(0).partitionResult().get(0).errorCode());
      }
      case "reassign": {
        var replicas = asked.get("replicas").isNull() ? null : list(asked.get("replicas"));
        var one = new AlterPartitionReassignmentsRequestData.ReassignablePartition().setPartitionIndex(partition).setReplicas(replicas);
        var topic = new AlterPartitionReassignmentsRequestData.ReassignableTopic().setName(asked.get("name").asText()).setPartitions(List.of(one));
        var result = replication.alterPartitionReassignments(new AlterPartitionReassignmentsRequestData().setTopics(List.of(topic)));
        records.addAll(result.records());
        return name(result.response().responses().get(0).partitions().get(0).errorCode());
      }
      case "unregister": {
        records.addAll(replication.unregisterBroker(broker).records());
        return "NONE";
      }
      case "assign": {
        var one = new AssignReplicasToDirsRequestData.PartitionData().setPartitionIndex(partition);
        var topic = new AssignReplicasToDirsRequestData.TopicData().setTopicId(topicId).setPartitions(List.of(one));
        var directory =
            new AssignReplicasToDirsRequestData.DirectoryData().setId(Uuid.fromString(asked.get("directory").asText())).setTopics(List.of(topic));
        var request = new AssignReplicasToDirsRequestData().setBrokerId(broker).setBrokerEpoch(epoch).setDirectories(List.of(directory));
        var result = replication.handleAssignReplicasToDirs(request);
        records.addAll(result.records());
        return name(result.response().directories().get(0).topics().get(0).partitions().get(0).errorCode());
      }
      case "fence": {
        for (boolean more = true; more; ) {
          var result = replication.maybeFenceOneStaleBroker();
          result.records().forEach(record -> replay(record.message()));
          fenced.addAll(result.records());
          more = result.response();
        }
        return "NONE";
      }
      case "balance": {
        records.addAll(replication.maybeBalancePartitionLeaders().records());
        return "NONE";
      }
      case "elect-unclean": {
        records.addAll(replication.maybeElectUncleanLeaders().records());
        return "NONE";
      }
      default:
        throw new IllegalArgumentException(asked.toString());
    }
  }

  void replay(ApiMessage message) {
    long offset = nextOffset++;
    if (message instanceof RegisterBrokerRecord record) cluster.replay(record, offset);
    else if (message instanceof UnregisterBrokerRecord record) cluster.replay(record);
    else if (message instanceof BrokerRegistrationChangeRecord record) cluster.replay(record);
    else if (message instanceof TopicRecord record) replication.replay(record);
    else if (message instanceof PartitionRecord record) replication.replay(record);
    else if (message instanceof PartitionChangeRecord record) replication.replay(record);
    else throw new IllegalArgumentException(message.toString());
  }

  static String text(ApiMessage message, short version) {
    if (message instanceof RegisterBrokerRecord r)
      return "register " + r.brokerId() + " epoch " + r.brokerEpoch() + " " + r.incarnationId() + " fenced " + r.fenced() + " shutdown " + r.inControlledShutdown() + " " + texts(r.logDirs());
    if (message instanceof UnregisterBrokerRecord r) return "unregister " + r.brokerId() + " epoch " + r.brokerEpoch();
    if (message instanceof BrokerRegistrationChangeRecord r)
      return "change " + r.brokerId() + " epoch " + r.brokerEpoch() + " fenced " + r.fenced() + " shutdown " + r.inControlledShutdown() + " " + texts(r.logDirs()) + " v" + version;
    if (message instanceof PartitionChangeRecord r)
      return "partition " + r.topicId() + "-" + r.partitionId() + " isr " + r.isr() + " leader " + r.leader() + " replicas " + r.replicas() + " removing " + r.removingReplicas()
          + " adding " + r.addingReplicas() + " recovery " + r.leaderRecoveryState() + " elr " + r.eligibleLeaderReplicas() + " last " + r.lastKnownElr() + " " + texts(r.directories()) + " v" + version;
    return "topic";
  }

  static String texts(List<Uuid> ids) {
    return ids == null ? "null" : ids.toString();
  }

  static String name(short code) {
    return Errors.forCode(code).name();
  }

  static List<Integer> list(JsonNode numbers) {
    var list = new ArrayList<Integer>();
    numbers.forEach(number -> list.add(number.asInt()));
    return list;
  }

  static List<Uuid> ids(JsonNode texts) {
    var list = new ArrayList<Uuid>();
    texts.forEach(text -> list.add(Uuid.fromString(text.asText())));
    return list;
  }
}
