"""The fields of Drive v3's resources, as its discovery document of November 2026 has them."""


def _fields(names: str, **inside: str) -> dict[str, str]:
    """Field names, each with the schema of what is inside it; an empty one is not checked further."""
    return dict.fromkeys(names.split(), "") | inside


SCHEMAS: dict[str, dict[str, str]] = {
    "file": _fields(
        """
            appProperties capabilities clientEncryptionDetails contentHints contentRestrictions
            copyRequiresWriterPermission createdTime description downloadRestrictions driveId
            explicitlyTrashed
            exportLinks fileExtension folderColorRgb fullFileExtension hasAugmentedPermissions hasThumbnail
            headRevisionId iconLink id imageMediaMetadata inheritedPermissionsDisabled isAppAuthorized kind
            labelInfo lastModifyingUser linkShareMetadata md5Checksum mimeType modifiedByMe modifiedByMeTime
            modifiedTime name originalFilename ownedByMe owners parents permissionIds permissions properties
            quotaBytesUsed resourceKey sha1Checksum sha256Checksum shared sharedWithMeTime sharingUser
            shortcutDetails size spaces starred teamDriveId thumbnailLink thumbnailVersion trashed trashedTime
            trashingUser version videoMediaMetadata viewedByMe viewedByMeTime viewersCanCopyContent
            webContentLink webViewLink writersCanShare
        """,
        permissions="permission",
    ),
    "permission": _fields(
        """
            allowFileDiscovery deleted displayName domain emailAddress expirationTime id
            inheritedPermissionsDisabled kind pendingOwner permissionDetails photoLink role
            teamDrivePermissionDetails type view
        """
    ),
    "drive": _fields(
        """
            backgroundImageFile backgroundImageLink capabilities colorRgb createdTime hidden id kind name
            orgUnitId restrictions themeId
        """
    ),
    "fileList": _fields("kind nextPageToken incompleteSearch files", files="file"),
    "permissionList": _fields("kind nextPageToken permissions", permissions="permission"),
    "driveList": _fields("kind nextPageToken drives", drives="drive"),
    "change": _fields(
        "kind type changeType time removed fileId file driveId drive teamDriveId teamDrive",
        file="file",
        drive="drive",
    ),
    "changeList": _fields("kind nextPageToken newStartPageToken changes", changes="change"),
    "startPageToken": _fields("kind startPageToken"),
    "about": _fields(
        "kind user storageQuota importFormats exportFormats maxImportSizes maxUploadSize appInstalled"
        " folderColorPalette driveThemes teamDriveThemes canCreateDrives canCreateTeamDrives"
    ),
}
