# Docent on this machine. Needs Python 3.11+, Node 20+ and make; everything else goes into this folder.
#
#   make run                      start everything; open the address it prints
#   make run DRIVE=~/Documents    the same with a folder of your own as the Drive
#   make run PORT=9000            the same on other ports
#   make test                     every check and every test
#   make check                    the checks alone: style, types, import rules
#   make bench                    the benchmarks
#   make bench-local              the local cloud beside others of its kind (installs those, from the registries)
#   make bench-quality DATA=DIR   what is found and declined on sets of documents with questions, beside the usual
#                                 recipes (installs those); SETS="a b" picks some
#   make bench-speed              how fast it is, beside LangChain, LlamaIndex, Haystack and Flask (installs those)
#   make bench-faults             what happens while what Docent stands on fails; SEED=1 CASE=17 repeats one case
#   make soak MINUTES=30          mixed load for long, and what grew
#   make fuzz MINUTES=30          what nobody would send, over HTTP and inside (installs schemathesis)
#   make lock                     pin requirements*.txt anew from pyproject.toml
#   make audit                    ask the registries for known vulnerabilities of all that is pinned
#   make deploy PROJECT=ID        put Docent on Google Cloud; PROFILE=economy, standard or scale, REGION=us-central1
#   make verify PROJECT=ID        look once for what only the real project can say, and write it down for terraform
#   make backup PROJECT=ID        write all that Docent holds there to Cloud Storage
#   make restore PROJECT=ID FROM=gs://...   read that into an empty project; nothing is embedded again
#   make destroy PROJECT=ID       take Docent off Google Cloud; DATA=yes: the database, secrets and buckets too
#   make clean                    remove all that the above made, the local state too

.PHONY: run test check bench bench-local bench-quality bench-speed bench-faults soak fuzz lock audit deploy verify backup restore destroy clean

options = $(if $(DRIVE),--drive "$(DRIVE)") $(if $(PORT),--port $(PORT)) $(if $(STATE),--state "$(STATE)")

run:
	@scripts/setup && exec scripts/serve $(options)

test:
	@scripts/setup && exec scripts/test

check:
	@scripts/setup && exec scripts/check

bench:
	@scripts/setup && exec .venv/bin/python -m benchmarks

bench-local:
	@scripts/setup && exec .venv/bin/python -m benchmarks.local

bench-quality:
	@scripts/setup && exec scripts/bench-quality "$(DATA)" $(SETS)

bench-speed:
	@scripts/setup && exec .venv/bin/python -m benchmarks.speed

bench-faults:
	@scripts/setup && exec .venv/bin/python -m benchmarks.faults --seed "$(or $(SEED),1)" --case "$(CASE)"

soak:
	@scripts/setup && exec .venv/bin/python -m benchmarks.soak --minutes "$(or $(MINUTES),30)"

fuzz:
	@scripts/setup && exec scripts/fuzz "$(or $(MINUTES),30)"

lock:
	@scripts/setup && exec scripts/lock

audit:
	@scripts/setup && exec scripts/audit

deploy:
	@scripts/setup && exec scripts/deploy --project "$(PROJECT)" --profile "$(or $(PROFILE),economy)" $(if $(REGION),--region "$(REGION)")

verify:
	@scripts/setup && exec scripts/verify-deployment --project "$(PROJECT)"

backup:
	@scripts/setup && exec scripts/backup --project "$(PROJECT)" $(if $(BUCKET),--bucket "$(BUCKET)")

restore:
	@scripts/setup && exec scripts/restore --project "$(PROJECT)" --from "$(FROM)"

destroy:
	@PROJECT="$(PROJECT)" DATA="$(DATA)" exec scripts/destroy

clean:
	rm -rf .venv .docent .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf chat-app/node_modules chat-app/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
