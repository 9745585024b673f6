/** What is tested without a page speaks English too. */
import { loadMessages } from '@/lib/messages';

await loadMessages('en');
