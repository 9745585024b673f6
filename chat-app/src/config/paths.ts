/** Every address the app knows. All are of the page's own origin. */
export const paths = {
  home: '/',
  login: (returnTo: string) => `/auth/login?return_to=${encodeURIComponent(returnTo)}`,
  logout: '/auth/logout',
  user: '/auth/user',
  chat: '/chat',
  collections: (cursor: string | null) =>
    cursor === null ? '/collections' : `/collections?cursor=${encodeURIComponent(cursor)}`,
  passages: (fileId: string, passageId: string) =>
    `/files/${encodeURIComponent(fileId)}/passages?around=${encodeURIComponent(passageId)}`,
} as const;
