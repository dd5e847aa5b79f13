import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.LeaderState;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.ReplicaKey;
import org.apache.kafka.raft.VoterSet;
import org.apache.kafka.raft.internals.BatchAccumulator;
import org.apache.kafka.raft.internals.KafkaRaftMetrics;
import org.apache.kafka.raft.internals.StringSerde;
import org.apache.kafka.server.common.KRaftVersion;

/** Reads what a leader of the quorum hears of its replicas, a leadership as a line of JSON, and writes what Kafka's leader makes of it. */
class Leaderships {
  static final ObjectMapper json = new ObjectMapper();
  static long nowMs;

  /** The time of the script. */
  static final Time time =
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

  static class Leader extends LeaderState<String> {
    Leader(VoterSet.VoterNode self, long epochStart, VoterSet voters, int fetchTimeoutMs) {
      super(
          time, self, 5, epochStart, voters, OptionalLong.of(0), KRaftVersion.KRAFT_VERSION_1, Set.of(),
          new BatchAccumulator<>(5, epochStart, 0, 1000, 10, MemoryPool.NONE, time, Compression.NONE, new StringSerde()),
          fetchTimeoutMs, new LogContext(), new KafkaRaftMetrics(new Metrics(time), "raft"));
    }
  }

  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) System.out.println(json.writeValueAsString(play(json.readTree(line))));
  }

  static ArrayNode play(JsonNode script) {
    nowMs = script.get("startMs").asLong();
    var self = voter(script.get("self"));
    var leader = new Leader(self, script.get("epochStart").asLong(), voters(script.get("voters")), script.get("fetchTimeoutMs").asInt());
    var answers = json.createArrayNode();
    for (var event : script.get("events")) {
      nowMs = event.get("nowMs").asLong();
      boolean moved = false;
      if (event.has("synced")) moved = leader.updateLocalState(new LogOffsetMetadata(event.get("synced").asLong()), voters(event.get("voters")));
      else if (event.has("offset"))
        moved = leader.updateReplicaState(key(event.get("replica")), nowMs, new LogOffsetMetadata(event.get("offset").asLong()));
      else leader.updateCheckQuorumForFollowingVoter(key(event.get("replica")), nowMs);
      var answer = answers.addObject();
      answer.put("moved", moved);
      answer.put("highWatermark", leader.highWatermark().map(LogOffsetMetadata::offset).orElse(-1L));
      answer.put("quorumLostInMs", leader.timeUntilCheckQuorumExpires(nowMs));
      var successors = answer.putArray("successors");
      for (var replica : leader.nonLeaderVotersByDescendingFetchOffset()) successors.add(replica.id());
      var caughtUp = answer.putArray("caughtUp");
      for (var replica : script.get("replicas")) caughtUp.add(leader.isReplicaCaughtUp(key(replica), nowMs));
      var silent = answer.putArray("silent");
      leader.needToSendBeginQuorumRequests(nowMs).stream().map(ReplicaKey::id).sorted().forEach(silent::add);
    }
    return answers;
  }

  /** [id, which of its disks] */
  static ReplicaKey key(JsonNode replica) {
    return ReplicaKey.of(replica.get(0).asInt(), new Uuid(replica.get(1).asLong() + 7, replica.get(0).asLong()));
  }

  static VoterSet.VoterNode voter(JsonNode replica) {
    var address = InetSocketAddress.createUnresolved("localhost", 9000 + replica.get(0).asInt());
    var endpoints = Endpoints.fromInetSocketAddresses(Map.of(ListenerName.normalised("CONTROLLER"), address));
    return VoterSet.VoterNode.of(key(replica), endpoints, new SupportedVersionRange((short) 0, (short) 1));
  }

  static VoterSet voters(JsonNode replicas) {
    var nodes = new HashMap<Integer, VoterSet.VoterNode>();
    replicas.forEach(replica -> nodes.put(replica.get(0).asInt(), voter(replica)));
    return VoterSet.fromMap(nodes);
  }
}
