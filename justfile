# Tasks of a working copy. Install first: just install

# all that the checks and tests need; psi pins an older protobuf than what reads OTLP takes and works with the newer one, so it comes without its pins
install:
    pip install -e '.[dev,docs]'
    pip install --no-deps 'openmined-psi>=2.0.6' || echo "No wheel of openmined-psi here: its tests skip."

# lint, types and import contracts
check:
    ruff format --check .
    ruff check .
    mypy
    lint-imports

# the manual, with its generated reference, into site/
docs:
    NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet

# all tests but the slow ones, a file to each core; the slow ones are `just test -m slow`, one after another
test *arguments='-m "not slow" -n auto --dist loadfile':
    pytest {{arguments}}

# figures for benchmarks/, with the machine they come from, the manual and the README
bench *arguments:
    python benchmarks/run.py {{arguments}}
    python docs/figures.py

# the small-transformer tier of assays: a simulated theft from nothing, found in the log and in the student, beside innocent models; eight minutes on two cores
assay-tier:
    pytest -m slow tests/assay/test_demo.py

# the n-gram tier of assays: levels over hundreds of innocent models, students, and runs that end early; 43 s of one core, in CI on every push
assay-ngrams:
    pytest -m "not slow" tests/assay/test_nulls.py tests/assay/test_students.py tests/assay/test_stopping.py
