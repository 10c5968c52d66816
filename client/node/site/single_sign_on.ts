export interface SingleSignOn { close(): Promise<void> }
