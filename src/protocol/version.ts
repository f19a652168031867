/** Number of the messages in this folder; both sides of every process border name it first. */
export const PROTOCOL = 1;

/** Number of the egg layout (names inside `EGG-INFO`, order, times); part of every egg's file name. */
export const EGG_FORMAT = 1;

/** Name of the comm on which a kernel reports to the browser what runs where. */
export const COMM_TARGET = 'autoegg';

/** Environment variable of a kernel that names the rendezvous file of the daemon that it should use. */
export const RENDEZVOUS_VARIABLE = 'AUTOEGG_DAEMON';

/** Name of the file (`Owner`) in a temporary folder `autoegg-*` that says which process it goes with. */
export const OWNER_FILE = 'owner.json';
