import type { Kernel } from '@jupyterlab/services';

import type { LinkCondition } from './tokens';

/** Conditions in which the kernel has not answered yet, whatever keeps it from that. */
export const WAITING: readonly LinkCondition[] = [
  'starting',
  'restarting',
  'offline',
  'connecting'
];

/** What is known of a kernel that has not said anything of itself. */
export function conditionOf(kernel: Kernel.IKernelConnection | null): LinkCondition {
  if (!kernel) {
    return 'none';
  }
  switch (kernel.status) {
    case 'dead':
      return 'dead';
    case 'starting':
      return 'starting';
    case 'restarting':
    case 'autorestarting':
      return 'restarting';
    default:
      return kernel.connectionStatus === 'disconnected' ? 'offline' : 'connecting';
  }
}
