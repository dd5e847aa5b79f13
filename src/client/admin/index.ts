/** client/admin: the administrator alone, for programs that neither produce nor consume and shall start at once: no codec is loaded. */
export { parseAddress } from '../address.ts'
export { type Admin, openAdmin } from './admin.ts'
