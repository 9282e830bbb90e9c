"""The routers of all pages, and of what the gateway answers itself."""

from gateway.partners.api import router as partners
from gateway.roles.api import router as roles
from gateway.web.contributions.pages import router as contributions
from gateway.web.contributions.words.pages import router as contribution_words
from gateway.web.demo.pages import router as demo
from gateway.web.front_page.pages import router as front_page
from gateway.web.guides.pages import router as guides
from gateway.web.information.pages import router as information
from gateway.web.items.pages import router as items
from gateway.web.learning.completions.pages import router as learning_record
from gateway.web.learning.pages import router as learning
from gateway.web.line_of_sight.pages import router as line_of_sight
from gateway.web.pages.api import router as platform
from gateway.web.preferences.pages import router as preferences
from gateway.web.questions.follow_up.pages import router as question_follow_up
from gateway.web.questions.new.pages import router as new_question
from gateway.web.questions.own.pages import router as own_questions
from gateway.web.questions.pages import router as questions
from gateway.web.saved_answers.pages import router as saved_answers
from gateway.web.search.pages import router as search
from gateway.web.sessions.pages import router as session_pages
from gateway.web.sign_in.api import router as sessions
from gateway.web.sign_in.pages import router as sign_in
from gateway.web.take_part.pages import router as take_part
from gateway.web.tell.pages import router as tell
from gateway.web.topics.pages import router as topics

# `/learning/record`, `/questions/ask` and `/staff/questions/several` come before `/learning/{id}` and the like.
from gateway.web.work.appraisals.judgements.pages import router as judgements
from gateway.web.work.appraisals.pages import router as appraisals

# `/learning/record`, `/questions/ask` and `/staff/duplicates/many` come before `/learning/{id}` and the like.
from gateway.web.work.bulk_changes.pages import router as work_bulk_changes
from gateway.web.work.duplicates.many.pages import router as many_duplicates
from gateway.web.work.duplicates.pages import router as duplicates
from gateway.web.work.flags.pages import router as work_flags
from gateway.web.work.guides.pages import router as work_guides
from gateway.web.work.guides.reviews.pages import router as work_guide_reviews
from gateway.web.work.guides.statements.pages import router as work_guide_statements
from gateway.web.work.harvests.pages import router as harvests
from gateway.web.work.harvests.quarantine.pages import router as quarantine
from gateway.web.work.harvests.settings.pages import router as harvest_settings
from gateway.web.work.import_conflicts.pages import router as import_conflicts
from gateway.web.work.imports.corrections.pages import router as import_corrections
from gateway.web.work.imports.pages import router as imports
from gateway.web.work.imports.records.pages import router as import_records
from gateway.web.work.imports.withdrawal.pages import router as import_withdrawal
from gateway.web.work.items.descriptions.pages import router as work_item_descriptions
from gateway.web.work.items.pages import router as work_items
from gateway.web.work.items.states.pages import router as work_item_states
from gateway.web.work.learning.pages import router as work_learning
from gateway.web.work.learning.parts.pages import router as work_learning_parts
from gateway.web.work.learning.sources.pages import router as work_learning_sources
from gateway.web.work.merges.pages import router as merges
from gateway.web.work.pages import router as work
from gateway.web.work.proposals.pages import router as work_proposals
from gateway.web.work.questions.answers.pages import router as question_answers
from gateway.web.work.questions.assignments.pages import router as question_assignments
from gateway.web.work.questions.classification.pages import router as question_classification
from gateway.web.work.questions.decisions.pages import router as question_decisions
from gateway.web.work.questions.figures.pages import router as question_figures
from gateway.web.work.questions.pages import router as question_queue
from gateway.web.work.questions.publication.pages import router as question_publication
from gateway.web.work.renditions.pages import router as work_renditions
from gateway.web.work.retractions.pages import router as retraction_lists
from gateway.web.work.transferability.pages import router as transferability

# `/learning/record`, `/questions/ask` and `/staff/evidence/new` come before `/learning/{id}` and the like.
ROUTERS = (
    learning_record,
    new_question,
    own_questions,
    question_follow_up,
    question_assignments,
    question_figures,
    many_duplicates,
    appraisals,
    work_item_descriptions,
    contribution_words,
    contributions,
    demo,
    duplicates,
    front_page,
    guides,
    harvest_settings,
    harvests,
    import_corrections,
    import_records,
    import_withdrawal,
    imports,
    import_conflicts,
    information,
    items,
    judgements,
    learning,
    line_of_sight,
    merges,
    partners,
    platform,
    preferences,
    question_answers,
    question_classification,
    question_decisions,
    question_publication,
    question_queue,
    quarantine,
    questions,
    retraction_lists,
    roles,
    saved_answers,
    search,
    session_pages,
    sessions,
    sign_in,
    take_part,
    tell,
    topics,
    transferability,
    work,
    work_flags,
    work_guides,
    work_guide_reviews,
    work_guide_statements,
    work_learning,
    work_learning_sources,
    work_learning_parts,
    work_renditions,
    work_bulk_changes,
    work_item_states,
    work_items,
    work_proposals,
)
