import type { Journal } from '../host/index.ts'
import {
  METADATA_VERSION,
  type MetadataDelta,
  type MetadataImage,
  type MetadataSubscriber,
  metadataVersionName,
  supportsDirectoryAssignment,
} from '../metadata/index.ts'

export interface RegisteredBroker {
  readonly nodeId: number
  /** How many log.dirs has. */
  readonly directoryCount: number
  registerAgain(): void
  /** The controller knows the directories now, and not yet what lies where. */
  directoriesKnown(): void
}

/**
 * What metadata.version means to the log directories of this broker: from 3.7-IV2 on its registration names them (KIP-858). One that was made
 * before that names none, and the controller could not move away what a failed directory led: the broker registers again.
 */
export class DirectoryRegistration implements MetadataSubscriber {
  private readonly broker: RegisteredBroker
  private readonly journal: Journal

  constructor(broker: RegisteredBroker, journal: Journal) {
    this.broker = broker
    this.journal = journal
  }

  /** At start: what the image says already. */
  begin({ metadataVersion }: MetadataImage): void {
    // As Apache Kafka, which says it and goes on.
    if (this.broker.directoryCount > 1 && !supportsDirectoryAssignment(metadataVersion))
      this.journal.error(
        'several log directories are not supported at this metadata.version: of one that fails the controller does not hear',
        {
          metadataVersion: metadataVersionName(metadataVersion),
          needed: '3.7-IV2',
        },
      )
  }

  onMetadata({ features, brokers }: MetadataDelta, image: MetadataImage): void {
    const { broker } = this
    const hasOtherVersion = features.has(METADATA_VERSION)
    if (hasOtherVersion) this.begin(image)
    const change = brokers.get(broker.nodeId)
    if ((!hasOtherVersion && change === undefined) || !supportsDirectoryAssignment(image.metadataVersion)) return
    const directories = image.brokers.get(broker.nodeId)?.directories
    if (directories?.length === 0) broker.registerAgain()
    else if (directories !== undefined && change?.before?.directories.length === 0) broker.directoriesKnown()
  }
}
