import { join } from 'node:path'

/** A key store or PEM file of `stores`; make.sh there tells how it was made and which password it has. */
export const storeAt = (name: string): string => join(import.meta.dirname, 'stores', name)
