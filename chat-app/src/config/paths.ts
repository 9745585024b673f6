/** Every address the app knows. All are of the page's own origin. */

const id = encodeURIComponent;
const after = (cursor: string | null) => (cursor === null ? '' : `?cursor=${id(cursor)}`);

/** Pages of this app. */
export const pages = {
  home: '/',
  conversation: (conversationId: string) => `/c/${id(conversationId)}`,
  drive: '/drive',
  account: '/account',
  admin: '/admin',
} as const;

/** Routes of the service. */
export const paths = {
  login: (returnTo: string) => `/auth/login?return_to=${id(returnTo)}`,
  logout: '/auth/logout',
  user: '/auth/user',
  chat: '/chat',
  collections: (cursor: string | null) => `/collections${after(cursor)}`,
  passages: (fileId: string, passageId: string) => `/files/${id(fileId)}/passages?around=${id(passageId)}`,
} as const;
