import type { RequestContext } from './api-handler.ts'
import type { ClientSoftwares } from './client-software.ts'
import type { ClientTelemetry, TelemetryClient } from './client-telemetry.ts'

/** Part of what handlers work with. */
export interface TelemetryPart {
  readonly telemetry: ClientTelemetry
  readonly softwares: ClientSoftwares
}

export const telemetryClientOf = (
  { connectionId, clientId, clientAddress, ...rest }: RequestContext & { readonly clientPort?: number },
  { softwares }: TelemetryPart,
): TelemetryClient => ({
  connectionId,
  clientId,
  address: clientAddress,
  port: rest.clientPort,
  software: softwares.of(connectionId),
})
