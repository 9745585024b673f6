"""The protobuf classes of google.cloud.secretmanager.v1, plain, as they come off the wire."""

from google.cloud.secretmanager_v1 import types

AccessSecretVersionRequest = types.AccessSecretVersionRequest.pb()
AccessSecretVersionResponse = types.AccessSecretVersionResponse.pb()
AddSecretVersionRequest = types.AddSecretVersionRequest.pb()
CreateSecretRequest = types.CreateSecretRequest.pb()
DeleteSecretRequest = types.DeleteSecretRequest.pb()
DestroySecretVersionRequest = types.DestroySecretVersionRequest.pb()
DisableSecretVersionRequest = types.DisableSecretVersionRequest.pb()
EnableSecretVersionRequest = types.EnableSecretVersionRequest.pb()
GetSecretRequest = types.GetSecretRequest.pb()
GetSecretVersionRequest = types.GetSecretVersionRequest.pb()
ListSecretsRequest = types.ListSecretsRequest.pb()
ListSecretsResponse = types.ListSecretsResponse.pb()
ListSecretVersionsRequest = types.ListSecretVersionsRequest.pb()
ListSecretVersionsResponse = types.ListSecretVersionsResponse.pb()
Secret = types.Secret.pb()
SecretVersion = types.SecretVersion.pb()
UpdateSecretRequest = types.UpdateSecretRequest.pb()
