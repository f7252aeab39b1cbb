# Befehle des Projekts; „make help“ nennt alle. Jeder Befehl richtet zuerst ein, was er braucht.

PYTHON ?= python3
PROFIL ?= entwurf
PFAD ?=
PORT ?=
DURCHGANG ?=
NAME ?=
ANGABEN ?=
TEIL ?=
STAND ?=
ANZAHL ?= 1000000
SAAT ?= 1
GROESSEN ?= 100

BIN := .venv/bin
# Messungen der Zeit und was andere Programme prüft, sagen hier nichts.
NICHT_GEMESSEN := $(addprefix --ignore=tests/test_,$(addsuffix .py,fuzz limits release final_gate architecture bench page_report supply_chain setup browser))
SITE = $(if $(filter beispiel,$(PROFIL)),site-beispiel,site)
# Rechner für viele messen schlecht: Die Grenze liegt beim Dreifachen des Verhältnisses, bei dem sie gesetzt wurde (6,3). Wird der Bau schneller, sinkt sie mit.
TEMPO := --groessen 100 --wiederholungen 1 --nur hugo-daten,mkdocs-suche --hoechstens mkdocs-suche=19
# Das Einzige, was vor der Einrichtung schiefgehen kann: Das genannte Python gibt es nicht.
SETUP = @command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "Fehler: Das Programm „$(PYTHON)“ gibt es auf diesem Rechner nicht." \
	"Nötig ist Python 3.11 oder neuer; mit PYTHON=… nennen, zum Beispiel „make site PYTHON=python3.12“." >&2; exit 2; }; \
	"$(PYTHON)" scripts/bootstrap.py
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# Wer Python verbietet, Übersetztes aufzuheben, lässt jeden Befehl das ganze Programm und alle Vorlagen neu übersetzen.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := site
.PHONY: site check zurueck serve neu-einreichung neu-durchgang editor-schema bericht bilder test test-slow nightly fuzz check-code format lock clean help audit sbom coverage mutation bench tempo setup-site setup-dev setup-test

site: setup-site ## baut die Website nach site/, mit PROFIL=beispiel nach site-beispiel/ (Vorgabe)
	@$(BIN)/python scripts/build_site.py --profil "$(PROFIL)"

check: setup-site ## prüft alle Daten, ohne zu bauen (PFAD=… prüft nur eine Datei oder einen Ordner)
	@$(BIN)/python scripts/check.py --profil "$(PROFIL)" $(if $(PFAD),"$(PFAD)")

zurueck: setup-site ## baut mit dem Programm eines früheren Standes und den Daten von heute (STAND=Commit)
	@$(BIN)/python scripts/roll_back.py --profil "$(PROFIL)" -- "$(STAND)"

serve: setup-site ## zeigt die Website im Browser und baut sie bei jeder Änderung neu (PORT=8001)
	@$(BIN)/python scripts/serve.py --profil "$(PROFIL)" $(if $(PORT),--port "$(PORT)")

neu-einreichung: setup-site ## fragt nach dem Nötigsten und schreibt das Gerüst einer Einreichung (DURCHGANG=2026 NAME=kurzname)
	@$(BIN)/python scripts/new_submission.py $(if $(DURCHGANG),--durchgang "$(DURCHGANG)") $(if $(NAME),--slug "$(NAME)") $(ANGABEN)

neu-durchgang: setup-site ## fragt nach dem Nötigsten und schreibt das Gerüst eines neuen Durchgangs (NAME=2028)
	@$(BIN)/python scripts/new_edition.py $(if $(NAME),--schluessel "$(NAME)") $(ANGABEN)

editor-schema: setup-site ## schreibt die Schemas neu, mit denen Editoren beim Ausfüllen helfen
	@$(BIN)/python scripts/write_editor_schema.py

bericht: setup-test site ## misst die gebaute Website im Browser: Barrierefreiheit, Größe, Ladezeit; mit ANGABEN=--json für Maschinen
	@$(BIN)/python scripts/page_report.py --site "$(SITE)" $(ANGABEN)

bilder: setup-test site ## fotografiert die wichtigsten Seiten nach build/bilder/
	@$(BIN)/python scripts/screenshots.py --site "$(SITE)" $(ANGABEN)

test: setup-test ## führt alle Prüfungen des Projekts aus, auch die im Browser
	@$(BIN)/python -m pytest -m "not slow and not nightly"

test-slow: setup-test ## führt die Prüfungen aus, die Minuten dauern
	@$(BIN)/python -m pytest -m slow

nightly: setup-test ## führt die Prüfungen mit den vollen Zahlen aus, die Stunden dauern dürfen
	@$(BIN)/python -m pytest -m nightly

audit: setup-dev ## sucht bekannte Lücken in den festgehaltenen Paketen (braucht Netz) und Schwächen in den Abläufen für GitHub
	@$(BIN)/zizmor --offline --persona auditor --quiet .github
	@for lock in requirements-site.lock requirements-dev.lock; do \
		$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement "$$lock" || exit 1; done

sbom: setup-dev ## schreibt die Stückliste (CycloneDX) dessen, womit gebaut wird, nach build/stueckliste.cdx.json
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
		--output-file build/stueckliste.cdx.json requirements-site.lock

coverage: setup-dev ## misst, welche Zweige des Kerns die Tests durchlaufen, auch in Programmen, die eine Website bauen
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/coverage run -m pytest -n 0 -q -m "not slow and not nightly and not browser" $(NICHT_GEMESSEN)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include='*/publication.py' --fail-under=100
	@$(BIN)/coverage report --fail-under=95

mutation: setup-dev ## verändert das Programm Zeile für Zeile und zählt, was kein Test bemerkt (TEIL=gate ANGABEN="--stichprobe 300")
	@$(BIN)/python scripts/mutation.py $(if $(TEIL),--teil "$(TEIL)") $(ANGABEN)

fuzz: setup-test ## verdirbt Datensätze und Seiten und sieht nach, ob der Leser jede übersteht (ANZAHL=1000000 SAAT=1)
	@$(BIN)/python scripts/fuzz.py --anzahl "$(ANZAHL)" --saat "$(SAAT)"

bench: setup-dev ## vergleicht Bauzeit und Speicher mit anderen Seitengeneratoren (GROESSEN=100,1000 ANGABEN=--suche; braucht Netz)
	@$(BIN)/python scripts/bench.py --groessen "$(GROESSEN)" $(ANGABEN)

tempo: setup-dev ## dasselbe in klein; schlägt an, wenn der Bau unverhältnismäßig langsam geworden ist
	@$(BIN)/python scripts/bench.py $(TEMPO) $(ANGABEN)

check-code: setup-dev ## prüft den Programmtext: Regeln, Form, Typen
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: setup-dev ## bringt den Programmtext in Form
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

lock: setup-dev ## schreibt die Dateien mit den festgehaltenen Paketen neu (braucht Netz)
	@$(LOCK) --upgrade --output-file requirements-site.lock
	@$(LOCK) --upgrade --constraints requirements-site.lock --group dev --output-file requirements-dev.lock
	@cd tests/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --loglevel error
	$(SETUP) --gruppe dev

clean: ## entfernt Umgebung, gebaute Website und Zwischenspeicher
	@rm -rf .venv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist site site-beispiel .site.bau .site-beispiel.bau tests/node/node_modules
	@find plugins scripts tests -type d -name __pycache__ -prune -exec rm -rf {} +

help: ## zeigt diese Übersicht
	@echo "Aufruf: make [BEFEHL] [PROFIL=entwurf|beispiel|produktion] [PYTHON=python3.12]"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  %-16s %s\n' "$$name" "$$text"; done

setup-site:
	$(SETUP) --gruppe site

setup-dev:
	$(SETUP) --gruppe dev

setup-test:
	$(SETUP) --gruppe dev --browser
