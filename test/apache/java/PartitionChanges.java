import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.controller.PartitionChangeBuilder;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.server.common.MetadataVersion;

/** Reads partitions and what shall become of them, a line of JSON each, and writes the change that Kafka's controller makes of it. */
class PartitionChanges {
  static final ObjectMapper json = new ObjectMapper();

  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) System.out.println(change(json.readTree(line)));
  }

  static String change(JsonNode wanted) throws IOException {
    var state = wanted.get("partition");
    var partition =
        new PartitionRegistration.Builder()
            .setReplicas(array(state.get("replicas")))
            .setDirectories(ids(state.get("directories")).toArray(new Uuid[0]))
            .setIsr(array(state.get("isr")))
            .setRemovingReplicas(array(state.get("removingReplicas")))
            .setAddingReplicas(array(state.get("addingReplicas")))
            .setElr(array(state.get("elr")))
            .setLastKnownElr(array(state.get("lastKnownElr")))
            .setLeader(state.get("leader").asInt())
            .setLeaderRecoveryState(LeaderRecoveryState.of((byte) state.get("leaderRecoveryState").asInt()))
            .setLeaderEpoch(state.get("leaderEpoch").asInt())
            .setPartitionEpoch(state.get("partitionEpoch").asInt())
            .build();
    var acceptable = new HashSet<>(list(wanted.get("acceptable")));
    var level = MetadataVersion.fromFeatureLevel((short) wanted.get("level").asInt());
    var builder =
        new PartitionChangeBuilder(
            partition, Uuid.ONE_UUID, 0, acceptable::contains, level, wanted.get("minIsr").asInt(), wanted.get("elr").asBoolean());
    var directories = ids(wanted.get("directories"));
    builder.setDefaultDirProvider(id -> directories.get(id - 1));
    var target = wanted.get("target");
    if (target.has("isr")) builder.setTargetIsr(list(target.get("isr")));
    if (target.has("replicas")) builder.setTargetReplicas(list(target.get("replicas")));
    if (target.has("removing")) builder.setTargetRemoving(list(target.get("removing")));
    if (target.has("adding")) builder.setTargetAdding(list(target.get("adding")));
    if (target.has("uncleanShutdownReplicas")) builder.setUncleanShutdownReplicas(list(target.get("uncleanShutdownReplicas")));
    if (target.has("leaderRecoveryState"))
      builder.setTargetLeaderRecoveryState(LeaderRecoveryState.of((byte) target.get("leaderRecoveryState").asInt()));
    if (target.has("election"))
      builder.setElection(PartitionChangeBuilder.Election.valueOf(target.get("election").asText().toUpperCase()));
    var record = builder.build();
    return record.isEmpty() ? "null" : text((PartitionChangeRecord) record.get().message(), record.get().version());
  }

  static String text(PartitionChangeRecord record, short version) throws IOException {
    var out = json.createObjectNode();
    out.put("version", version);
    out.put("leader", record.leader());
    out.put("leaderRecoveryState", record.leaderRecoveryState());
    out.set("isr", json.valueToTree(record.isr()));
    out.set("replicas", json.valueToTree(record.replicas()));
    out.set("removingReplicas", json.valueToTree(record.removingReplicas()));
    out.set("addingReplicas", json.valueToTree(record.addingReplicas()));
    out.set("eligibleLeaderReplicas", json.valueToTree(record.eligibleLeaderReplicas()));
    out.set("lastKnownElr", json.valueToTree(record.lastKnownElr()));
    out.set("directories", json.valueToTree(record.directories() == null ? null : record.directories().stream().map(Uuid::toString).toList()));
    return json.writeValueAsString(out);
  }

  static List<Integer> list(JsonNode numbers) {
    var list = new ArrayList<Integer>();
    numbers.forEach(number -> list.add(number.asInt()));
    return list;
  }

  static int[] array(JsonNode numbers) {
    return list(numbers).stream().mapToInt(number -> number).toArray();
  }

  static List<Uuid> ids(JsonNode texts) {
    var list = new ArrayList<Uuid>();
    texts.forEach(text -> list.add(Uuid.fromString(text.asText())));
    return list;
  }
}
