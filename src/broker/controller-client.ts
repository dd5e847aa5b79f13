import type { Asker, Controller, DeciderAnswer, DeciderName, DeciderRequest } from '../controller/index.ts'
import { errorName, KafkaError, type MessageInput } from '../protocol/index.ts'
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/add-raft-voter.ts'
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '../protocol/messages/describe-quorum.ts'
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/remove-raft-voter.ts'
import type { RaftDriver, RaftHandlers, RaftRequestContext } from '../raft/index.ts'

/** A way to a controller. */
export interface ControllerClient {
  /**
   * The answer once it is committed. `isForwarded`: a broker passed the request on, after it checked what only brokers can; a broker's own
   * way to the active controller says so by itself. @throws KafkaError when the request as a whole has no answer
   */
  decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number, isForwarded?: boolean): Promise<DeciderAnswer<N>>
  /** Who follows the metadata log how closely: only its leader knows. @throws KafkaError as above */
  describeQuorum(request: DescribeQuorumRequest, context: RaftRequestContext): Promise<MessageInput<typeof DescribeQuorumResponse>>
  /** Voters are changed by their leader alone. @throws KafkaError as above */
  addVoter(request: AddRaftVoterRequest, apiVersion: number): Promise<MessageInput<typeof AddRaftVoterResponse>>
  removeVoter(request: RemoveRaftVoterRequest, apiVersion: number): Promise<MessageInput<typeof RemoveRaftVoterResponse>>
  /** Node id of the active controller; -1: not known. */
  activeId(): number
}

/** Without an authorizer everybody may do everything. */
export const anybody = (apiVersion: number, isForwarded: boolean): Asker => ({ apiVersion, isForwarded, allows: () => true })

/** The controller of this very process, active or not: NOT_CONTROLLER tells those who ask on a controller listener to look elsewhere. */
export class LocalController implements ControllerClient {
  private readonly controller: Controller
  private readonly raft: Pick<RaftDriver, 'leaderAndEpoch'>
  private readonly quorum: RaftHandlers

  constructor(controller: Controller, raft: Pick<RaftDriver, 'leaderAndEpoch'>, quorum: RaftHandlers) {
    this.controller = controller
    this.raft = raft
    this.quorum = quorum
  }

  activeId(): number {
    return this.raft.leaderAndEpoch.leaderId ?? -1
  }

  async describeQuorum(request: DescribeQuorumRequest, context: RaftRequestContext) {
    return this.quorum.describeQuorum(request, context)
  }

  addVoter(request: AddRaftVoterRequest) {
    return this.quorum.addVoter(request)
  }

  removeVoter(request: RemoveRaftVoterRequest) {
    return this.quorum.removeVoter(request)
  }

  async decide<N extends DeciderName>(
    name: N,
    request: DeciderRequest<N>,
    apiVersion: number,
    isForwarded = false,
  ): Promise<DeciderAnswer<N>> {
    const { errorCode, answer } = await this.controller.request(name, request, anybody(apiVersion, isForwarded))
    if (answer === undefined) throw new KafkaError(errorCode, `this controller did not decide ${name}: ${errorName(errorCode)}`)
    return answer
  }
}
