import type { Asker, Controller, DeciderAnswer, DeciderName, DeciderRequest } from '../controller/index.ts'
import { errorName, KafkaError } from '../protocol/index.ts'

/** A way to a controller. */
export interface ControllerClient {
  /** The answer once it is committed. @throws KafkaError when the request as a whole has none */
  decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>>
  /** Node id of the active controller; -1: not known. */
  activeId(): number
}

/** Without an authorizer everybody may do everything. */
export const anybody = (apiVersion: number): Asker => ({ apiVersion, isForwarded: true, allows: () => true })

/** The controller of this very process, active or not: NOT_CONTROLLER tells those who ask on a controller listener to look elsewhere. */
export class LocalController implements ControllerClient {
  private readonly controller: Controller
  private readonly leaderId: () => number | undefined

  constructor(controller: Controller, leaderId: () => number | undefined) {
    this.controller = controller
    this.leaderId = leaderId
  }

  activeId(): number {
    return this.leaderId() ?? -1
  }

  async decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>> {
    const { errorCode, answer } = await this.controller.request(name, request, anybody(apiVersion))
    if (answer === undefined) throw new KafkaError(errorCode, `this controller did not decide ${name}: ${errorName(errorCode)}`)
    return answer
  }
}
